package policy

import "testing"

// FuzzAction compares the table of a policy's actions with the definition.
func FuzzAction(f *testing.F) {
	for _, seed := range [][2]string{{"*", "a:b"}, {"A:*", "a:b"}, {"a:Get*", "A:gEtX"}, {"a:?b*c", "a:xbc"}, {"", ""}, {"a:\xffb", "a:b"}, {"K:*", "k:İ"}, {"*:x", "y:X"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern) > 12 || len(name) > 24 {
			return
		}
		for i := range len(pattern) {
			if pattern[i] >= 0x80 { // a document's text is UTF-8, which has no bytes like star
				return
			}
		}
		var actions table
		actions.add(pattern, 1)
		actions.add(lowered(pattern), 2) // shares the entry
		got, want := actions.find(&action{name: name}), uint64(0)
		if slowGlob(wildcards(lowered(pattern)), lowered(name)) {
			want = 3
		}
		if got != want {
			t.Errorf("%q of %q: got %b, want %b", pattern, name, got, want)
		}
		if len(actions.patterns) > 1 {
			t.Errorf("%q: got %d entries for one pattern", pattern, len(actions.patterns))
		}
	})
}
