package npm

import (
	"strings"
	"testing"

	"larder.example/larder"
)

func TestCanonicalKeepsNamesThatExist(t *testing.T) {
	for _, full := range []string{
		"left-pad", "JSONStream", "some.name", "a", "1", "socket.io", "crazy!~*'()",
		"@types/node", "@Acme/Widget", "@acme/_internal", "@acme/-x", "@_acme/x", strings.Repeat("a", 214),
	} {
		namespace, name, _ := cut(full)
		gotNamespace, gotName, err := canonical(namespace, name)
		if got := display(gotNamespace, gotName); got != full || err != nil {
			t.Errorf("canonical(%q) = %q, %v", full, got, err)
		}
	}
}

func TestCanonicalRefusesNamesThatNoPackageHas(t *testing.T) {
	for _, full := range []string{
		"", ".", "..", ".hidden", "_private", "-", "-x", "@acme/", "@acme/.x", "@.acme/x", "@acme/..", "@../x",
		"node_modules", "Node_Modules", "favicon.ico", "a b", "a%2fb", "ä", "a/b", "a\x00", "@a b/c", "@acme",
		strings.Repeat("a", 215), "@acme/" + strings.Repeat("a", 209),
	} {
		namespace, name, rest := cut(full)
		if _, _, err := canonical(namespace, name+rest); rest == "" && !larder.Invalid.Is(err) {
			t.Errorf("canonical(%q) = %v, want larder.Invalid", full, err)
		}
	}
}

func FuzzCanonicalIsIdempotent(f *testing.F) {
	for _, s := range []string{"", "left-pad", "..", "@", "a/b", "JSON"} {
		f.Add("", s)
		f.Add("acme", s)
		f.Add(s, "x")
	}
	f.Fuzz(func(t *testing.T, namespace, name string) {
		namespace, name, err := canonical(namespace, name)
		if err != nil {
			return
		}
		if again, name2, err := canonical(namespace, name); again != namespace || name2 != name || err != nil {
			t.Errorf("canonical(%q, %q) = %q, %q, %v", namespace, name, again, name2, err)
		}
		if gotNamespace, gotName, rest := cut(display(namespace, name)); gotNamespace != namespace || gotName != name || rest != "" {
			t.Errorf("cut(%q) = %q, %q, %q", display(namespace, name), gotNamespace, gotName, rest)
		}
	})
}
