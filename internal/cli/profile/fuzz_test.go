package profile

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzParseINI reads whatever is there. What was read, written plainly, is read
// as the same.
func FuzzParseINI(f *testing.F) {
	for _, seed := range []string{
		"[default]\nregion = us-east-1\n", "[profile a b]\nrole_arn=x\nsource_profile : default\n", "[services s]\nsts =\n  endpoint_url = http://h/\n  x=y\n",
		"; c\n# c\n[a]\nK = v ; not a comment\n  more\n\n  and more\n[b]\n", "[a]\n[a]\n", "[a]\nk=\nk=\n", "k=v\n", "[a\n", "[]\n=v\n", "[a]]\nk:=v\r\n\tx\n",
		"[a]\n  k=v\n  l=w\n    m\n", "\ufeff[default]\nregion=x\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		began := time.Now()
		sections, err := parseINI(text)
		if took := time.Since(began); took > time.Minute {
			t.Errorf("got an end after %v", took)
		}
		if err != nil {
			return
		}
		again, err := parseINI(written(sections))
		if err != nil || !reflect.DeepEqual(again, sections) {
			t.Errorf("%q: got %q, %v\nfrom\n%s\nwant %q", text, again, err, written(sections), sections)
		}
	})
}

// written is a file of sections, with a value's first line behind its key and
// the others below it.
func written(sections []section) string {
	var b strings.Builder
	for _, s := range sections {
		fmt.Fprintf(&b, "[%s]\n", s.name)
		for _, key := range slices.Sorted(maps.Keys(s.values)) {
			fmt.Fprintf(&b, "%s=%s\n", key, strings.ReplaceAll(s.values[key], "\n", "\n "))
		}
	}
	return b.String()
}

// A file that is as long as nobody writes is read at once.
func TestLongFilesAreReadAtOnce(t *testing.T) {
	var sections, keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&sections, "[profile %d]\n", i)
		fmt.Fprintf(&keys, "k%d=v\n", i)
	}
	for name, text := range map[string]string{
		"sections":     sections.String(),
		"keys":         "[default]\n" + keys.String(),
		"continuation": "[default]\nk=\n" + strings.Repeat(" more\n", 200_000),
	} {
		file := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := Load(file, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("%s: got an end after %v", name, took)
		}
	}
}
