package npm

import (
	"bytes"
	"encoding/json"
	"testing"
)

func FuzzSqueezeLeavesTheTokens(f *testing.F) {
	for _, s := range []string{`{}`, ` { "a b" : [ 1 , "\" x", -2e5 ] } `, "\t\"\\\\\"\r\n", `["`, "{\"a\":\" \\\"", `"é "`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := squeeze(nil, b)
		var want bytes.Buffer
		if json.Compact(&want, b) == nil && !bytes.Equal(got, want.Bytes()) {
			t.Errorf("squeezed %q is %q, want %q", b, got, want.Bytes())
		}
	})
}

func FuzzDecodedIsUnmarshal(f *testing.F) {
	for _, s := range []string{`"x"`, `""`, `"`, `" \u0041"`, `"a"b"`, "\"\xff\"", `1`, ` "x" `, `"\"`, `null`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var want string
		err := json.Unmarshal(b, &want)
		if got, ok := decoded(b); got != want || ok != (err == nil) {
			t.Errorf("decoded %q is %q, %v; want %q, %v", b, got, ok, want, err)
		}
	})
}
