package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The packages below are tested by the go command, as check does it.
func TestWhatTestsComeTo(t *testing.T) {
	for _, tt := range []struct {
		claim, source string
		counts        string   // the last line of the note
		said          []string // in the failure; nil if there is none
		unsaid        []string
	}{
		{
			claim: "all pass", source: `
				func TestOne(t *testing.T) { t.Log("quiet") }
				func TestTwo(t *testing.T) { t.Run("half", func(*testing.T) {}) }`,
			counts: "3 passed, 0 failed, 0 skipped",
		},
		{
			claim: "one fails", source: `
				func TestGood(t *testing.T) { t.Log("quiet") }
				func TestBad(t *testing.T) { t.Error("got 1, want 2") }`,
			counts: "1 passed, 1 failed, 0 skipped",
			said:   []string{"got 1, want 2", "--- FAIL: TestBad"},
			unsaid: []string{"quiet", "=== RUN"},
		},
		{
			claim: "a skipped test is a failure", source: `
				func TestLater(t *testing.T) { t.Skip("not today") }`,
			counts: "0 passed, 0 failed, 1 skipped",
			said:   []string{"not today", "got 1, want none"},
		},
		{
			claim: "a panic", source: `
				func TestDone(t *testing.T) { t.Log("quiet") }
				func TestPanic(t *testing.T) { panic("on the moon") }`,
			counts: "1 passed, 1 failed, 0 skipped",
			said:   []string{"panic: on the moon"},
			unsaid: []string{"quiet"},
		},
		{
			claim: "it does not build", source: `
				func TestTypo(t *testing.T) { undefined() }`,
			counts: "0 passed, 0 failed, 0 skipped",
			said:   []string{"undefined: undefined"},
		},
		{
			claim: "a race", source: `
				func TestRace(t *testing.T) {
					n, done := 0, make(chan bool)
					go func() { n++; close(done) }()
					n++
					<-done
				}`,
			counts: "0 passed, 1 failed, 0 skipped",
			said:   []string{"DATA RACE"},
		},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "go.mod"), "module m\n\ngo 1.26\n")
			write(t, filepath.Join(dir, "m_test.go"), "package m\n\nimport \"testing\"\n"+tt.source)
			t.Chdir(dir)
			note, err := test(t.Context(), []string{"./..."})
			if got := note[strings.LastIndex(note, "\n")+1:]; got != tt.counts {
				t.Errorf("got %s, want %s", got, tt.counts)
			}
			if tt.said == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("got no error, want one")
			}
			for _, s := range tt.said {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("got %s, want %q in it", err, s)
				}
			}
			for _, s := range tt.unsaid {
				if strings.Contains(err.Error(), s) {
					t.Errorf("got %s, want no %q in it", err, s)
				}
			}
		})
	}
}

func TestPackagesWithoutTestsAreFine(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module m\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "m.go"), "package m\n")
	t.Chdir(dir)
	if _, err := test(t.Context(), []string{"./..."}); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
