package clients

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

func TestRowsPinTheirPackages(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if seen[c.Name] {
			t.Errorf("two clients are named %s", c.Name)
		}
		seen[c.Name] = true
		at := map[registry]string{npm: "@", pip: "==", central: ":"}[c.from]
		for _, p := range c.packages {
			if c.from == central {
				_, p, _ = strings.Cut(p, ":")
			}
			name, version, found := strings.Cut(strings.TrimPrefix(p, "@"), at)
			if !found || strings.Count(version, ".") < 1 || strings.ContainsAny(version, "^~*<>x") {
				t.Errorf("%s: got %s, want %s at one version", c, p, name)
			}
		}
	}
}

func TestAbsentClientFailsTheTestWithTheWayOut(t *testing.T) {
	t.Setenv("LARDER_CLIENTS", t.TempDir())
	for name, want := range map[string]string{
		"npm9": `run "go run ./tools/clients npm9"`,
		"npm0": `no client "npm0"`,
	} {
		if got := fatal(t, func(t testing.TB) { Bin(t, name) }); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestPlaceIsTheSameForEveryTest(t *testing.T) {
	t.Setenv("LARDER_CLIENTS", "clients")
	if got := fatal(t, func(t testing.TB) { Dir(t, "npm9") }); !strings.Contains(got, "want an absolute path") {
		t.Errorf("got %q, want a refusal of a relative path", got)
	}
}

// own is a client of this test's, of a package that needs no registry.
func own(t *testing.T) Client {
	t.Helper()
	const version = "1.2.3"
	source := filepath.Join(t.TempDir(), "own")
	write(t, filepath.Join(source, "package.json"), `{"name":"own","version":"`+version+`","bin":"own.sh"}`)
	write(t, filepath.Join(source, "own.sh"), "#!/bin/sh\necho own "+version+"\n")
	return Client{
		Name: "own", Version: version,
		packages: []string{source},
		bin:      []program{{"own", "node_modules/.bin/ow*"}},
		says:     []string{"own", "--version"},
	}
}

func TestInstallOnceHoweverManyAsk(t *testing.T) {
	t.Setenv("LARDER_CLIENTS", t.TempDir())
	c := own(t)
	var wg sync.WaitGroup
	var installed atomic.Int32
	for range 4 {
		wg.Go(func() {
			fresh, err := c.Install(t.Context())
			if err != nil {
				t.Error(err)
			}
			if fresh {
				installed.Add(1)
			}
		})
	}
	wg.Wait()
	if got := installed.Load(); got != 1 {
		t.Errorf("installed: got %d times, want 1", got)
	}
}

func TestInstallAgainWhatIsNotWhole(t *testing.T) {
	for _, tt := range []struct {
		claim string
		spoil func(*testing.T, string, *Client)
		want  bool
	}{
		{"whole", func(*testing.T, string, *Client) {}, false},
		{"not marked", func(t *testing.T, dir string, _ *Client) {
			if err := os.Remove(filepath.Join(dir, mark)); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"by another recipe", func(_ *testing.T, _ string, c *Client) {
			c.bin = append(c.bin, program{"mine", "node_modules/.bin/own"})
		}, true},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			t.Setenv("LARDER_CLIENTS", t.TempDir())
			c := own(t)
			if _, err := c.Install(t.Context()); err != nil {
				t.Fatal(err)
			}
			dir, err := c.Dir()
			if err != nil {
				t.Fatal(err)
			}
			tt.spoil(t, dir, &c)
			fresh, err := c.Install(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if fresh != tt.want {
				t.Errorf("installed again: got %v, want %v", fresh, tt.want)
			}
			if !c.installed(dir) {
				t.Error("got no installation, want one")
			}
		})
	}
}

func TestInstallRefusesWhatDoesNotRun(t *testing.T) {
	for _, tt := range []struct {
		claim string
		spoil func(*Client)
		want  string
	}{
		{"another version", func(c *Client) { c.Version = "1.2.4" }, "want 1.2.4"},
		{"no such file", func(c *Client) { c.bin[0].file = "node_modules/.bin/no*" }, "got 0 files"},
		{"no such package", func(c *Client) { c.packages = []string{"/nowhere/own"} }, "npm install"},
		{"a program that fails", func(c *Client) { c.says = []string{"false"} }, "exit status 1"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			t.Setenv("LARDER_CLIENTS", t.TempDir())
			c := own(t)
			tt.spoil(&c)
			_, err := c.Install(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			dir, err := c.Dir()
			if err != nil {
				t.Fatal(err)
			}
			if c.installed(dir) {
				t.Error("got an installation, want none")
			}
		})
	}
}

func TestInstallEndsWithItsContext(t *testing.T) {
	t.Setenv("LARDER_CLIENTS", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := own(t).Install(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestUnpackKeepsOneDirectory(t *testing.T) {
	dir := t.TempDir()
	zipped(t, filepath.Join(dir, "a.zip"), map[string]fs.FileMode{
		"x/1.0/bin/run":           0o777 | fs.ModeSymlink,
		"x/1.0/dist/run":          0o755,
		"x/1.0/dist/lib/data":     0o644,
		"x/1.0/dist/examples/one": 0o644,
	})
	a := archived{file: "a.zip", dir: "x/1.0/dist", without: "examples"}
	if err := a.into(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"dist/run": 0o755, "dist/lib/data": 0o644} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if got := info.Mode(); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"bin", "dist/examples"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v, want it to be left out", name, err)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, tt := range []struct {
		claim, name string
		mode        fs.FileMode
		want        string
	}{
		{"a way out", "dist/../../../outside", 0o644, "escapes"},
		{"a link", "dist/link", 0o777 | fs.ModeSymlink, "want a file"},
		{"an archive without the directory", "other/file", 0o644, "is below dist"},
	} {
		dir := t.TempDir()
		zipped(t, filepath.Join(dir, "a.zip"), map[string]fs.FileMode{tt.name: tt.mode})
		err := archived{file: "a.zip", dir: "dist"}.into(dir)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.claim, err, tt.want)
		}
	}
}

func zipped(t *testing.T, name string, files map[string]fs.FileMode) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, mode := range files {
		h := &zip.FileHeader{Name: name}
		h.SetMode(mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("bytes of " + name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// fatal returns what f fails its test with.
func fatal(t *testing.T, f func(testing.TB)) (message string) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			m, ours := r.(failure)
			if !ours {
				panic(r)
			}
			message = string(m)
		}
	}()
	f(failing{t})
	return ""
}

type failure string

// failing is a test whose end its caller outlives.
type failing struct{ testing.TB }

func (failing) Fatal(args ...any)                 { panic(failure(fmt.Sprint(args...))) }
func (failing) Fatalf(format string, args ...any) { panic(failure(fmt.Sprintf(format, args...))) }
