package generic_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"larder.example/larder"
	"larder.example/larder/internal/format/generic"
)

func TestNamesOfAssets(t *testing.T) {
	for _, test := range []struct {
		name string
		ok   bool
	}{
		{"report.tar.gz", true},
		{"a b c.txt", true},
		{"~!@^&()-_`+[]{};,.", true},
		{"Übergröße-2.zip", true},
		{"数据.bin", true},
		{"Ⅻ٣ʰǅ", true}, // a letter number, a digit, a modifier, a titlecase letter
		{"...", true},
		{".hidden", true},
		{strings.Repeat("a", 255), true},
		{strings.Repeat("数", 255), true},
		{"", false},
		{".", false},
		{"..", false},
		{" a", false},
		{"a ", false},
		{"a  b", false},
		{"a/b", false},
		{`a\b`, false},
		{"a%b", false},
		{"a#b", false},
		{"a=b", false},
		{"a'b", false},
		{"a:b", false},
		{"a\tb", false},
		{"a\nb", false},
		{"a\u00a0b", false},
		{"e\u0301", false}, // a combining mark
		{"½", false},
		{"a\xffb", false},
		{strings.Repeat("a", 256), false},
	} {
		err := generic.Format.Names.Asset(test.name)
		if got := err == nil; got != test.ok || !got && !larder.Invalid.Is(err) {
			t.Errorf("%q: got %v, want ok: %v", test.name, err, test.ok)
		}
	}
}

func TestNamesOfPackages(t *testing.T) {
	for _, test := range []struct {
		namespace, name string
		ok              bool
	}{
		{"acme", "Thing", true},
		{"acme.tools", "thing_1-2", true},
		{"acme", "größe", true},
		{"", "thing", false},
		{"acme", "", false},
		{"acme", "a b", false},
		{"acme", "a/b", false},
		{"acme", "a#b", false},
		{"ac/me", "thing", false},
		{"acme", strings.Repeat("a", 256), false},
		{"acme", "a\x00b", false},
	} {
		namespace, name, err := generic.Format.Names.Canonical(test.namespace, test.name)
		if got := err == nil; got != test.ok || got && (namespace != test.namespace || name != test.name) {
			t.Errorf("%q %q: got %q %q %v, want ok: %v", test.namespace, test.name, namespace, name, err, test.ok)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("acme", "thing", "report.tar.gz")
	f.Add("", "a/b", "..")
	f.Fuzz(func(t *testing.T, namespace, name, asset string) {
		if ns, n, err := generic.Format.Names.Canonical(namespace, name); err == nil {
			if ns != namespace || n != name || ns == "" || !utf8.ValidString(ns+n) || strings.ContainsAny(ns+n, "/# ") {
				t.Errorf("%q %q: got %q %q", namespace, name, ns, n)
			}
		}
		if err := generic.Format.Names.Asset(asset); err == nil && (!utf8.ValidString(asset) || strings.ContainsAny(asset, "/\\\x00%")) {
			t.Errorf("%q was taken", asset)
		}
	})
}
