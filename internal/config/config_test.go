package config_test

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
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
		{env: map[string]string{"LARDER_META_DIRECT": "postgres://x"}, want: "LARDER_META_DIRECT"}, // of which database?
		{env: map[string]string{"LARDER_META": "postgres://x", "LARDER_META_DIRECT": "x:5432"}, want: "LARDER_META_DIRECT"},
		{args: []string{"--meta-direct", "postgres://me:hush@x"}, want: "not defined"},
		{args: []string{"--blob", "s3://bucket/prefix"}, want: "LARDER_BLOB: bytes are kept in a directory; s3:// is not there yet"},
		{env: map[string]string{"LARDER_URL": "larder.test"}, want: "LARDER_URL"},
		{env: map[string]string{"LARDER_URL": "https://larder.test/base"}, want: "LARDER_URL"},
		{args: []string{"--listen", "8484"}, want: "LARDER_LISTEN"},
		{args: []string{"--root-tokens", "maybe"}, want: "root-tokens"},
		{args: []string{"--tls-cert", "x"}, want: "LARDER_TLS_KEY"},
		{args: []string{"--trusted-proxies", "all"}, want: "trusted-proxies"},
		{args: []string{"--master-key", "x"}, want: "not defined"}, // argv is everybody's to read
		{args: []string{"--connection-public-npmjs", "https://x:y@npm.test"}, want: "not defined"},
		{env: map[string]string{"LARDER_CONNECTION_PUBLIC_PYPI": "pypi.test"}, want: "LARDER_CONNECTION_PUBLIC_PYPI"},
		{env: map[string]string{"LARDER_CONNECTION_PUBLIC_PYPI_TOKEN_FILE": "/nowhere"}, want: "public:pypi"},
		{env: map[string]string{"LARDER_OFFLINE": "maybe"}, want: "LARDER_OFFLINE"},
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

func TestConnectionsAreKnownByTheirAddress(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, map[string]string{
		"LARDER_CONNECTION_PUBLIC_NPMJS":                    "https://me:hush@npm.test/all",
		"LARDER_CONNECTION_PUBLIC_MAVEN_CENTRAL":            "http://maven.test",
		"LARDER_CONNECTION_PUBLIC_MAVEN_CENTRAL_TOKEN_FILE": token,
		"LARDER_OFFLINE": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	npm, central := c.Connections["public:npmjs"], c.Connections["public:maven-central"]
	if npm == nil || npm.URL.String() != "https://npm.test/all/" || npm.User != "me" || npm.Password != "hush" {
		t.Errorf("got %+v", npm)
	}
	if central == nil || central.URL.String() != "http://maven.test/" || central.Token != "hush" {
		t.Errorf("got %+v", central)
	}
	if len(c.Connections) != 2 || !c.Offline {
		t.Errorf("got %d connections, offline %v, want 2 and true", len(c.Connections), c.Offline)
	}
	var printed strings.Builder
	if err := c.Print(&printed); err != nil || strings.Contains(printed.String(), "hush") {
		t.Errorf("got %v, or a secret was printed", err)
	}
	if set, err := c.Connect("public:pypi", "https://pypi.test/simple"); !set || err != nil {
		t.Errorf("got %v %v", set, err)
	}
	if set, err := c.Connect("public:npmjs", "https://other.test"); set || err != nil {
		t.Errorf("got %v %v, want what is set to stay", set, err)
	}
}
