package config_test

import (
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"larder.example/larder/internal/config"
)

func load(t *testing.T, env map[string]string, args ...string) (*config.Config, error) {
	t.Helper()
	return config.Load("larderd serve", args, func(name string) string { return env[name] }, io.Discard)
}

func TestFlagsWinOverTheEnvironmentOverDefaults(t *testing.T) {
	c, err := load(t, map[string]string{"LARDER_REGION": "eu-west-1", "LARDER_LISTEN": "127.0.0.1:1", "LARDER_MASTER_KEY": "hush"},
		"--listen", "127.0.0.1:2", "--trusted-proxies", "10.1.2.3/8, 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := c.Print(&printed); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(printed.String()), " ")
	for _, want := range []string{
		"LARDER_REGION eu-west-1 environment LARDER_REGION",
		"LARDER_LISTEN 127.0.0.1:2 flag --listen",
		"LARDER_DATA ./larder-data default",
		"LARDER_TRUSTED_PROXIES 10.0.0.0/8,192.0.2.1/32 flag --trusted-proxies",
		"LARDER_MASTER_KEY (set) environment LARDER_MASTER_KEY",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want it to say %s", got, want)
		}
	}
	if strings.Contains(got, "hush") {
		t.Error("a secret was printed")
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		args []string
		want string
	}{
		{env: map[string]string{"LARDER_CLOCK_SKEW": "soon"}, want: "LARDER_CLOCK_SKEW"},
		{env: map[string]string{"LARDER_META": "mysql://x"}, want: "LARDER_META"},
		{env: map[string]string{"LARDER_URL": "larder.test"}, want: "LARDER_URL"},
		{env: map[string]string{"LARDER_URL": "https://larder.test/base"}, want: "LARDER_URL"},
		{args: []string{"--listen", "8484"}, want: "LARDER_LISTEN"},
		{args: []string{"--root-tokens", "maybe"}, want: "root-tokens"},
		{args: []string{"--tls-cert", "x"}, want: "LARDER_TLS_KEY"},
		{args: []string{"--trusted-proxies", "all"}, want: "trusted-proxies"},
		{args: []string{"--master-key", "x"}, want: "not defined"}, // argv is everybody's to read
		{args: []string{"stray"}, want: "stray"},
	} {
		if _, err := load(t, test.env, test.args...); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v %v: got %v, want an error that says %s", test.env, test.args, err, test.want)
		}
	}
	if _, err := load(t, nil, "--help"); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v, want %v", err, flag.ErrHelp)
	}
}
