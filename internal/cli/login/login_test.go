package login

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// desk is a machine that a login is tried on: nothing runs on it, and what
// would is told.
type desk struct {
	Host
	out  bytes.Buffer
	runs func(argv []string) (stdout, stderr string, err error)
}

func newDesk(t *testing.T) *desk {
	d := &desk{}
	d.Host = Host{
		OS: "linux", Home: t.TempDir(),
		Getenv: func(string) string { return "" },
		Stdout: &d.out, Stderr: &d.out,
		Now: time.Date(2030, 1, 1, 0, 4, 5, 0, time.UTC),
		Run: func(_ context.Context, dir string, _, argv []string) ([]byte, []byte, error) {
			if dir != d.Home {
				t.Errorf("%s: got %s, want it to run in %s", argv[0], dir, d.Home)
			}
			fmt.Fprintf(&d.out, "+ %s\n", strings.Join(argv, " "))
			if d.runs == nil {
				return nil, nil, nil
			}
			stdout, stderr, err := d.runs(argv)
			return []byte(stdout), []byte(stderr), err
		},
	}
	return d
}

func request() *Request {
	return &Request{
		Domain: "team", Repository: "app", Token: "TOKEN-1.x",
		Expires: time.Date(2030, 1, 1, 12, 4, 5, 0, time.UTC),
	}
}

// with returns a request for a tool, whose endpoint it says.
func with(tool Tool, change func(*Request)) *Request {
	r := request()
	r.Endpoint = "https://packages.example.com:8443/" + string(tool.Format) + "/d/team-123456789012/app/"
	if change != nil {
		change(r)
	}
	return r
}

// transcript is what was said and run, and each file of the home directory.
func (d *desk) transcript(t *testing.T) string {
	t.Helper()
	b := strings.ReplaceAll(d.out.String(), d.Home, "HOME")
	err := filepath.WalkDir(d.Home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := e.Info()
		b += fmt.Sprintf("-- %s %v --\n%s", strings.TrimPrefix(path, d.Home+"/"), info.Mode(), strings.ReplaceAll(string(text), d.Home, "HOME"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLogins compares what each login does with a golden file: in an empty
// home directory, in one with files of the user's, and when it only says what
// it would do.
func TestLogins(t *testing.T) {
	for _, tool := range Tools {
		for _, variant := range []struct {
			name   string
			before bool
			change func(*Request)
		}{
			{"empty", false, nil},
			{"edited", true, nil},
			{"dry", true, func(r *Request) { r.DryRun = true }},
			{"scope", false, func(r *Request) { r.Namespace, r.Scoped = "acme", true }},
		} {
			if variant.name == "scope" && !tool.namespaces {
				continue
			}
			t.Run(tool.Name+"-"+variant.name, func(t *testing.T) {
				d := newDesk(t)
				if variant.before {
					if err := os.CopyFS(d.Home, os.DirFS("testdata/before")); err != nil {
						t.Fatal(err)
					}
				}
				before := files(t, d.Home)
				if err := tool.Do(t.Context(), &d.Host, with(tool, variant.change)); err != nil {
					t.Fatal(err)
				}
				for path, text := range before {
					if now, err := os.ReadFile(path); err == nil && string(now) == text {
						if err := os.Remove(path); err != nil { // not of this login
							t.Fatal(err)
						}
					}
				}
				golden(t, filepath.Join("testdata", tool.Name+"-"+variant.name+".golden"), d.transcript(t))
			})
		}
	}
}

func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", path, got, want)
	}
}

func TestLoginTwiceLeavesOneOfEach(t *testing.T) {
	for _, tool := range Tools {
		if tool.Name == "swift" {
			continue // which says the same line twice, as with the AWS CLI
		}
		d := newDesk(t)
		var once string
		for range 2 {
			d.out.Reset()
			if err := tool.Do(t.Context(), &d.Host, with(tool, nil)); err != nil {
				t.Fatalf("%s: %v", tool.Name, err)
			}
			got := d.transcript(t)
			if once != "" && got != once {
				t.Errorf("%s:\ngot\n%s\nwant\n%s", tool.Name, got, once)
			}
			once = got
		}
	}
}

// TestLoginsReplaceFilesWhole logs in twice where the user has files. Who has
// one of them open goes on reading what was there; what comes in its place is
// for the user alone, says all that did not have to go, and stays as it is.
func TestLoginsReplaceFilesWhole(t *testing.T) {
	given := map[string][]string{ // what else makes place for the repository
		"uv":    {`name = "first"`, `url = "https://first.example.com/simple/"`}, // the default index, of which there is one
		"gem":   {"- https://rubygems.org/"},                                     // the source, as CodeArtifact's guide has it
		"maven": {"<profiles/>"},                                                 // which is empty
	}
	for _, tool := range Tools {
		t.Run(tool.Name, func(t *testing.T) {
			d := newDesk(t)
			if err := os.CopyFS(d.Home, os.DirFS("testdata/before")); err != nil {
				t.Fatal(err)
			}
			before := files(t, d.Home)
			reading := map[string]*os.File{}
			for path := range before {
				f, err := os.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				reading[path] = f
			}
			login := func() map[string]string {
				if err := tool.Do(t.Context(), &d.Host, with(tool, nil)); err != nil {
					t.Fatal(err)
				}
				return files(t, d.Home)
			}
			once := login()
			for path, f := range reading {
				if got, err := io.ReadAll(f); err != nil || string(got) != before[path] {
					t.Errorf("%s was written into: %q, %v", path, got, err)
				}
			}
			for path, text := range once {
				if text == before[path] {
					continue
				}
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode(); got != 0o600 {
					t.Errorf("%s: got %v, want 0600", path, got)
				}
				for line := range strings.Lines(before[path]) {
					gone := strings.Contains(line, "OLD") || strings.Contains(line, "old.example.com") ||
						slices.Contains(given[tool.Name], strings.TrimSpace(line))
					if !gone && !strings.Contains(text, line) {
						t.Errorf("%s: lost %q", path, line)
					}
				}
			}
			if tool.Name == "swift" {
				return // which says the same line twice, as with the AWS CLI
			}
			if twice := login(); !maps.Equal(twice, once) {
				t.Errorf("got %q, want %q", twice, once)
			}
		})
	}
}

// exit is how a program ends that fails.
func exit(t *testing.T, script string) error {
	t.Helper()
	return exec.CommandContext(t.Context(), "sh", "-c", script).Run()
}

func TestLoginFailsAsTheAWSCLI(t *testing.T) {
	one, killed := exit(t, "exit 1"), exit(t, "kill -9 $$")
	fails := func(program, stderr string, err error) func([]string) (string, string, error) {
		return func(argv []string) (string, string, error) {
			if strings.Contains(strings.Join(argv, " "), program) {
				return "", stderr, err
			}
			return "", "", nil
		}
	}
	for _, tt := range []struct {
		claim, tool string
		change      func(*Request)
		runs        func([]string) (string, string, error)
		want        string
	}{
		{"absent", "npm", nil, fails("npm", "", exec.ErrNotFound), "npm was not found. Please verify installation."},
		{"not executable", "pip", nil, fails("pip", "", fs.ErrPermission), "[Errno 13] Permission denied: 'pip'"},
		{"always-auth refused", "npm", nil, fails(":always-auth", "no", one), ""},
		{
			"always-auth in the name of something else", "npm", func(r *Request) { r.Endpoint = "https://h/npm/always-auth/" }, fails("registry", "no", one),
			"Command '['npm', 'config', 'set', 'registry', 'https://h/npm/always-auth/']' returned non-zero exit status 1. Stderr from command:\nno",
		},
		{
			"the token in argv and on stderr", "npm", nil, fails("_authToken", "bad TOKEN-1.x\n", one),
			"Command '['npm', 'config', 'set', '//packages.example.com:8443/npm/d/team-123456789012/app/:_authToken', '******']' returned non-zero exit status 1. Stderr from command:\nbad ******",
		},
		{
			"killed", "pip", nil, fails("pip", "", killed),
			"Command '['pip', 'config', 'set', 'global.index-url', 'https://aws:******@packages.example.com:8443/pypi/d/team-123456789012/app/simple/']' died with signal: killed.",
		},
		{"no listing", "dotnet", nil, fails("list", "no", one), "Command '['dotnet', 'nuget', 'list', 'source', '--format', 'detailed']' returned non-zero exit status 1."},
		{"namespace", "pip", func(r *Request) { r.Namespace, r.Scoped = "acme", true }, nil, "Argument --namespace is not supported for pip"},
		{"empty namespace", "twine", func(r *Request) { r.Scoped = true }, nil, ""},
		{"scope", "npm", func(r *Request) { r.Namespace, r.Scoped = "Acme", true }, nil, "Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores"},
		{"empty scope", "npm", func(r *Request) { r.Scoped = true }, nil, "Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores"},
		{
			"scope of swift", "swift", func(r *Request) { r.Namespace, r.Scoped = "a--b", true }, nil,
			"Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores and no more than 39 characters",
		},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			tool, _ := Find(tt.tool)
			d := newDesk(t)
			d.runs = tt.runs
			err := tool.Do(t.Context(), &d.Host, with(tool, tt.change))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestNuGetUpdatesTheSourceThatIsThere(t *testing.T) {
	const url = "https://packages.example.com:8443/nuget/d/team-123456789012/app/v3/index.json"
	for _, tt := range []struct{ claim, listing, want string }{
		{"none", "Registered Sources:\n", "add source"},
		{"by URL", "Registered Sources:\n\n  1.  mine [Enabled]\n      " + url + "\n", "update source mine "},
		{"by name", "  1.  team/app [Disabled]\n      https://old.example.com/\n", "update source team/app "},
		{"by URL before name", "  1.  team/app [Enabled]\n  https://old/\n  2.  mine [Enabled]\n  " + url + "\n", "update source mine "},
		{"a source without a line", "  1.  mine [Enabled]", "add source"},
		{"long blanks", "1." + strings.Repeat(" ", 10000) + "a", "add source"},
	} {
		tool, _ := Find("dotnet")
		d := newDesk(t)
		d.runs = func(argv []string) (string, string, error) {
			if argv[2] == "list" {
				return tt.listing, "", nil
			}
			return "", "", nil
		}
		if err := tool.Do(t.Context(), &d.Host, with(tool, nil)); err != nil {
			t.Errorf("%s: %v", tt.claim, err)
		}
		if got := d.out.String(); !strings.Contains(got, "dotnet nuget "+tt.want) {
			t.Errorf("%s: got %s, want %s", tt.claim, got, tt.want)
		}
	}
}

func TestWriteKeepsTheLinkAndTheModeTight(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("got %v, %v, want a link", info, err)
	}
	info, err = os.Stat(target)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("got %v, want 0600", got)
	}
}
