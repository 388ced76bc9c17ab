package args

import (
	"cmp"
	"slices"

	"larder.example/larder/internal/cli/value"
)

func quoted(s string) string { return value.Repr(s) }

// closest returns at most three of the words, the closest to text first, by
// the measure of Python's difflib and at least 0.8 of it.
func closest(text string, words []string) []string {
	const least, most = 0.8, 3
	type scored struct {
		word  string
		score float64
	}
	var near []scored
	for _, w := range words {
		if s := similarity(w, text); s >= least {
			near = append(near, scored{w, s})
		}
	}
	slices.SortFunc(near, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.word, a.word))
	})
	var out []string
	for _, n := range near[:min(most, len(near))] {
		out = append(out, n.word)
	}
	return out
}

// similarity is the measure of Ratcliff and Obershelp: twice the length of
// what the two have in common, by the length of both.
func similarity(a, b string) float64 {
	if len(a)+len(b) == 0 {
		return 1
	}
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

// common returns the length of the longest common part, and of what is common
// on both its sides.
func common(a, b string) int {
	at, bt, size := 0, 0, 0
	for i := range a {
		for j := range b {
			n := 0
			for i+n < len(a) && j+n < len(b) && a[i+n] == b[j+n] {
				n++
			}
			if n > size {
				at, bt, size = i, j, n
			}
		}
	}
	if size == 0 {
		return 0
	}
	return common(a[:at], b[:bt]) + size + common(a[at+size:], b[bt+size:])
}
