package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStepsThatNeedTheOthersRunAfterThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set, alone bool
		var out strings.Builder
		err := runAll(t.Context(), &out, []step{
			{name: "test", last: true, run: func(context.Context) (string, error) {
				alone = set
				return "one\n3 passed, 0 failed", nil
			}},
			{name: "postgres", setUp: true, run: func(context.Context) (string, error) {
				<-time.After(90 * time.Second)
				set = true
				return "installed", nil
			}},
		})
		if err != nil {
			t.Error(err)
		}
		if !alone {
			t.Error("test ran beside what it needs, want it to run after")
		}
		want := "ok    postgres     90.0s  installed\nok    test          0.0s  one\n3 passed, 0 failed\n"
		if got := out.String(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestFailedStepsShowAllThatTheySaid(t *testing.T) {
	good := func(context.Context) (string, error) { return "", nil }
	bad := func(context.Context) (string, error) { return "", errors.New("line one\nline two\n") }
	for _, tt := range []struct {
		claim   string
		steps   []step
		want    string // in the output
		failure string
	}{
		{
			"its own output",
			[]step{{name: "vet", run: bad}, {name: "lint", run: good}},
			"s\nline one\nline two\n\n", "failed: vet",
		},
		{
			"a check that fails does not keep the tests from running",
			[]step{{name: "vet", run: bad}, {name: "test", last: true, run: good}},
			"ok    test", "failed: vet",
		},
		{
			"tests without what they need do not run",
			[]step{{name: "clients", setUp: true, run: bad}, {name: "test", last: true, run: good}},
			"not run: what it needs is not there", "failed: clients, test",
		},
	} {
		var out strings.Builder
		err := runAll(t.Context(), &out, tt.steps)
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%s: got\n%s\nwant %q in it", tt.claim, &out, tt.want)
		}
		if err == nil || err.Error() != tt.failure {
			t.Errorf("%s: got %v, want %s", tt.claim, err, tt.failure)
		}
	}
}

func TestOnlyNamesSteps(t *testing.T) {
	for only, want := range map[string]string{
		"":          "lint postgres clients gofmt vet test",
		"test":      "test",
		"test,lint": "lint test",
		"tset":      `no step "tset"`,
	} {
		chosen, err := choose(steps(nil), only)
		var names []string
		for _, s := range chosen {
			names = append(names, s.name)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.HasSuffix(got, want) {
			t.Errorf("-only %q: got %s, want %s", only, got, want)
		}
	}
}

func TestClusterIsRefusedUnlessTheOwnerHasSpoken(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "postgresql-common", "createcluster.conf")
	read := func() string {
		t.Helper()
		b, err := os.ReadFile(conf)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if err := refuseCluster(conf); err != nil {
		t.Fatal(err)
	}
	if got, want := read(), "create_main_cluster = false\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := os.WriteFile(conf, []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := refuseCluster(conf); err != nil {
		t.Fatal(err)
	}
	if got, want := read(), "mine\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
