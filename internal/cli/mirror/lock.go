package mirror

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"larder.example/larder"
)

// Item is a version of a package that something locks.
type Item struct {
	Format    larder.Format
	Namespace string // the scope without @; the group; empty
	Name      string
	Version   string

	// Digests are what the lock says of the files: ALGORITHM:HEX. Empty: it
	// says nothing. Of a Python package only these files are fetched.
	Digests []string

	// Classifier and Type are of a Maven artifact; jar if the lock does not
	// say.
	Classifier, Type string
}

// String spells an item as its package manager does.
func (i Item) String() string {
	if i.Format == larder.NPM {
		return i.npmName() + "@" + i.Version
	}
	if i.Format == larder.PyPI {
		return i.Name + "==" + i.Version
	}
	parts := []string{i.Namespace, i.Name, i.Type, i.Classifier, i.Version}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ":")
}

func (i Item) npmName() string {
	if i.Namespace != "" {
		return "@" + i.Namespace + "/" + i.Name
	}
	return i.Name
}

// Lock is what a file names.
type Lock struct {
	Items []Item

	// Skipped says of what else the file names why no registry has it: a
	// directory, a repository of git.
	Skipped []string
}

func (l *Lock) skip(format string, args ...any) {
	l.Skipped = append(l.Skipped, fmt.Sprintf(format, args...))
}

// errUnknown is a file of which nothing here knows the form.
var errUnknown = errors.New("it is no lock file, requirements file or dependency tree that larder knows")

// Read reads a file, whatever it is called: what it is, it says itself.
func Read(b []byte) (*Lock, error) {
	read := recognize(b)
	if read == nil {
		return nil, errUnknown
	}
	l := &Lock{}
	if err := read(l, b); err != nil {
		return nil, err
	}
	l.Items = Distinct(l.Items)
	return l, nil
}

// recognize returns what reads a file.
func recognize(b []byte) func(*Lock, []byte) error {
	text := bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return readJSON
	case has(text, `^(?s:<\?.*?\?>|<!--.*?-->|\s)*<project`):
		return readProject
	case bytes.Contains(text, []byte("yarn lockfile v1")):
		return readYarnClassic
	case has(text, `(?m)^__metadata:`):
		return readYarnBerry
	case has(text, `(?m)^lockfileVersion:`):
		return readPnpm
	case has(text, `(?m)^\[\[packages?\]\]`):
		return readPythonLock
	case has(text, `(?m)^digraph |^(\[INFO\])?[ |\\+-]*[\w.-]+:[\w.-]+:[\w.-]+:[\w.-]+`):
		return readMavenText
	case has(text, `(?m)^[\w.-]+:[\w.-]+:[^=:\s]+=[\w,]*$`):
		return readGradle
	case has(text, `(?m)^(-r |-c |--?[a-z-]+[ =]|[\w.\[\],-]+ *(==|@ ))`):
		return readRequirements
	}
	return nil
}

func has(text []byte, pattern string) bool { return regexp.MustCompile(pattern).Match(text) }

// Distinct sorts items and makes one of those that are the same.
func Distinct(items []Item) []Item {
	order := func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Format, b.Format), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Version, b.Version), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Classifier, b.Classifier))
	}
	slices.SortStableFunc(items, order)
	var kept []Item
	for _, i := range items {
		if n := len(kept); n > 0 && order(kept[n-1], i) == 0 {
			kept[n-1].Digests = append(kept[n-1].Digests, i.Digests...)
			continue
		}
		kept = append(kept, i)
	}
	for i := range kept {
		slices.Sort(kept[i].Digests)
		kept[i].Digests = slices.Compact(kept[i].Digests)
	}
	return kept
}

// pattern compiles a regular expression when it is first needed.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}
