package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestRoomsImportWhatTheHouseAllows(t *testing.T) {
	for _, p := range packages(t) {
		for _, v := range violations(p.room, p.imports) {
			t.Error(v)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		switch {
		case p.comment == "":
			t.Errorf("%s has no package comment", p.room)
		case p.name != "main" && !strings.HasPrefix(p.comment, "Package "+p.name+" "):
			t.Errorf("%s: got a package comment that begins %.30q, want %q", p.room, p.comment, "Package "+p.name)
		}
	}
}

func TestTheRuleRefuses(t *testing.T) {
	const ours = module + "/internal/"
	for _, tt := range []struct {
		claim, room, imported string
		want                  string // in the violation; empty: none
	}{
		{"a package without a row", "util", "strings", "where does it belong?"},
		{"an import without a row", "server", ours + "util", "where does it belong?"},
		{"upwards", "policy", ours + "identity", "above storey 1"},
		{"sideways", "meta", ours + "blob", "same storey"},
		{"between formats", "format/npm", ours + "format/pypi", "same storey"},
		{"a format that knows the registry", "format/npm", ours + "registry", "same storey"},
		{"a format that knows who asks", "format/npm", ours + "identity", "none of the rooms"},
		{"another format's library", "format/npm", "deps.dev/util/maven", "no library"},
		{"the CLI with SQL", "cli", ours + "meta", "none of the rooms"},
		{"the client with bytes", "client", ours + "blob", "none of the rooms"},
		{"a contract that leads the CLI to SQL", "api/iam", ours + "meta", "none of the rooms"},
		{"the client binary with the server", "cmd/larder", ours + "server", "none of the rooms"},
		{"an engine outside the server", "registry", ours + "meta/sqlite", "for server, testenv"},
		{"a format outside the server", "data", ours + "format/npm", "for server, testenv"},
		{"the test server in a binary", "cmd/larderd", ours + "testenv", "same storey"},
		{"HTTP among the rules", "registry", "net/http", "for wire"},
		{"what is below HTTP too", "identity", "net/http/httputil", "for wire"},
		{"SQL among the rules", "registry", "database/sql", "for meta"},
		{"a server that runs programs", "server", "os/exec", "for cli"},
		{"cgo", "meta/sqlite", "C", "for nobody"},
		{"a library without a row", "token", "github.com/google/uuid", "no library"},
		{"a library whose name only begins alike", "meta/sqlite", "modernc.org/sqlite3", "no library"},

		{"no import from below", "identity", ours + "policy", ""},
		{"no row of * for what is below it", "meta/sqlite", "modernc.org/sqlite/lib", ""},
		{"no rule of the SQL room for SQL's", "meta/postgres", "database/sql", ""},
		{"no implementation in the server", "server", ours + "meta/sqlite", ""},
		{"no unreserved standard package", "policy", "net/netip", ""},
	} {
		got := strings.Join(violations(tt.room, []string{tt.imported}), "; ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s imports %s: got %q, want %q", tt.claim, tt.room, tt.imported, got, tt.want)
		}
	}
}

// pkg is a package as its non-test files show it.
type pkg struct {
	room, name, comment string
	imports             []string // in order, each once
}

// packages reads every package of the module, for all systems at once: a
// file that is not built here is part of the house too.
func packages(t *testing.T) []pkg {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var found []pkg
	err = filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if dir != root && outside(dir, d.Name()) {
			return filepath.SkipDir
		}
		p, err := parse(dir)
		if err != nil || p.name == "" {
			return err
		}
		rel, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		p.room = strings.TrimPrefix(filepath.ToSlash(rel), "internal/")
		found = append(found, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no package in %s", root)
	}
	return found
}

// outside reports whether dir is none of the module's: what the go command
// leaves out of ./..., and other modules.
func outside(dir, name string) bool {
	if name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// parse reads the non-test files of one directory; a package without any has
// no name.
func parse(dir string) (pkg, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return pkg{}, err
	}
	var p pkg
	imports := map[string]bool{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return pkg{}, err
		}
		p.name = f.Name.Name
		if f.Doc != nil {
			p.comment = f.Doc.Text()
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return pkg{}, err
			}
			imports[imported] = true
		}
	}
	p.imports = slices.Sorted(maps.Keys(imports))
	return p, nil
}
