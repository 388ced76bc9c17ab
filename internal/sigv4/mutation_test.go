package sigv4

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
)

// Changing a byte of what was signed, putting one in or taking one out must
// break the signature, unless the request still says the same by the lights
// of code that is not the verifier's.
func TestNoMutantOfTheSuiteVerifies(t *testing.T) {
	for _, v := range readLines[vector](t, "suite.jsonl") {
		if !v.accepted() {
			continue
		}
		t.Run(v.Name+"/"+v.Form, func(t *testing.T) {
			verifier, original := v.verifier(t), parseWire(t, v.Request)
			mutants, accepted := 0, 0
			for mutant := range mutantsOf(original) {
				mutants++
				if _, err := mutant.verify(verifier, "service"); err != nil {
					continue
				}
				if accepted++; !same(original, mutant) {
					t.Errorf("verified: %+v", mutant)
				}
			}
			if mutants < 1000 || accepted > mutants/10 {
				t.Errorf("%d of %d mutants were accepted", accepted, mutants)
			}
		})
	}
}

// mutantsOf yields what one change in a part of w makes of it. All headers
// count as signed: of the suite's, that the session token is not always is
// the only exception, and that one is bound to its key.
func mutantsOf(w wire) func(yield func(wire) bool) {
	return func(yield func(wire) bool) {
		part := func(text string, with func(wire, string) wire) bool {
			for m := range mutations(text) {
				if !yield(with(w, m)) {
					return false
				}
			}
			return true
		}
		ok := part(w.method, func(w wire, s string) wire { w.method = s; return w }) &&
			part(w.target, func(w wire, s string) wire { w.target = s; return w }) &&
			part(w.body, func(w wire, s string) wire { w.body = s; return w })
		for i := 0; ok && i < len(w.header); i++ {
			for j := range w.header[i] {
				ok = ok && part(w.header[i][j], func(w wire, s string) wire {
					w.header = slices.Clone(w.header)
					w.header[i][j] = s
					return w
				})
			}
			ok = ok && yield(w.without(w.header[i][0]))
			if w.header[i][0] != "Host" { // net/http refuses a second one
				ok = ok && yield(w.add(w.header[i][0], w.header[i][1]))
			}
		}
	}
}

func mutations(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(s) + 1 {
			for _, put := range []string{"a", "0", "%", "/", "&", "=", ";", ",", " ", "+", ".", "~"} {
				if !yield(s[:i] + put + s[i:]) {
					return
				}
			}
			if i == len(s) {
				return
			}
			for _, change := range []string{"", string(s[i] ^ 0x20), string(s[i] ^ 1)} {
				if !yield(s[:i] + change + s[i+1:]) {
					return
				}
			}
		}
	}
}

// same reports whether two requests say the same: paths that clean to one,
// queries of the same pairs, header values that differ in white space only,
// header names in case only.
func same(a, b wire) bool {
	if a.method != b.method || a.body != b.body || len(a.header) != len(b.header) {
		return false
	}
	pathA, queryA, _ := strings.Cut(a.target, "?")
	pathB, queryB, _ := strings.Cut(b.target, "?")
	if cleaned(pathA) != cleaned(pathB) || !slices.Equal(pairs(queryA), pairs(queryB)) {
		return false
	}
	for i := range a.header {
		va, vb := a.header[i][1], b.header[i][1]
		if a.header[i][0] == "Authorization" { // space is free around commas and at the ends
			va, vb = strings.ReplaceAll(va, ",", " "), strings.ReplaceAll(vb, ",", " ")
		}
		if !strings.EqualFold(a.header[i][0], b.header[i][0]) || !slices.Equal(strings.Fields(va), strings.Fields(vb)) {
			return false
		}
	}
	return true
}

func cleaned(p string) string {
	c := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && c != "/" {
		c += "/"
	}
	return c
}

// pairs returns the pairs of a query, sorted.
func pairs(raw string) []string {
	var all []string
	for _, p := range strings.Split(raw, "&") {
		name, value, _ := strings.Cut(p, "=")
		n, err1 := url.PathUnescape(name)
		v, err2 := url.PathUnescape(value)
		if err1 != nil || err2 != nil {
			return []string{raw}
		}
		all = append(all, url.QueryEscape(n)+"="+url.QueryEscape(v))
	}
	slices.Sort(all)
	return all
}
