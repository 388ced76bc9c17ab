package npm

import (
	"encoding/json"
	"testing"
)

func FuzzMembersFindsWhatEncodeWrote(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, `{"a":"}","b":{"c":["]",{}]},"d":"\\\"","":null}`, ` { "a" : [ 1 , 2 ] } `, `{"a":1,"a":2}`, `{"a":"\\"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = members(b, "", func(_, _ []byte) {}) // never panics, whatever is stored
		o, err := parseObject(b)
		if err != nil {
			return
		}
		n := 0
		err = members(o.encode(), "", func(key, value []byte) {
			var name string
			if err := json.Unmarshal([]byte(`"`+string(key)+`"`), &name); err != nil {
				t.Fatalf("key %q: %v", key, err)
			}
			if n >= len(o.keys) || !json.Valid(value) {
				t.Fatalf("member %d is %q: %q", n, key, value)
			}
			n++
		})
		if err != nil || n != len(o.keys) {
			t.Errorf("%d of %d members: %v", n, len(o.keys), err)
		}
	})
}
