package wire_test

import (
	"slices"
	"testing"

	"larder.example/larder/internal/wire"
)

func TestParsePairs(t *testing.T) {
	type pairs = []wire.Pair
	for _, tt := range []struct {
		raw         string
		query, form pairs
	}{
		{"", nil, nil},
		{"a=1&b=2", pairs{{"a", "1"}, {"b", "2"}}, pairs{{"a", "1"}, {"b", "2"}}},
		{"&a&&=&b=", pairs{{"a", ""}, {"", ""}, {"b", ""}}, pairs{{"a", ""}, {"", ""}, {"b", ""}}},
		{"a=1;b=2", pairs{{"a", "1;b=2"}}, pairs{{"a", "1;b=2"}}},
		{"a=b=c", pairs{{"a", "b=c"}}, pairs{{"a", "b=c"}}},
		{"a+b=c+d", pairs{{"a+b", "c+d"}}, pairs{{"a b", "c d"}}},
		{"%61=%2B%26%3d%25", pairs{{"a", "+&=%"}}, pairs{{"a", "+&=%"}}},
	} {
		query, err := wire.ParseQuery(tt.raw)
		if err != nil || !slices.Equal(query, tt.query) {
			t.Errorf("%q as a query: got %v, %v, want %v", tt.raw, query, err, tt.query)
		}
		form, err := wire.ParseForm(tt.raw)
		if err != nil || !slices.Equal(form, tt.form) {
			t.Errorf("%q as a form: got %v, %v, want %v", tt.raw, form, err, tt.form)
		}
	}
	for _, raw := range []string{"%", "a=%2", "a=%zz", "%g0=1"} {
		if _, err := wire.ParseQuery(raw); err == nil {
			t.Errorf("%q as a query: no error", raw)
		}
		if _, err := wire.ParseForm(raw); err == nil {
			t.Errorf("%q as a form: no error", raw)
		}
	}
}

func TestEncodeQueryEscapesAllButUnreserved(t *testing.T) {
	got := wire.EncodeQuery([]wire.Pair{{Name: "a b", Value: "-_.~*'()!é+/"}, {Name: "c", Value: ""}})
	if want := "a%20b=-_.~%2A%27%28%29%21%C3%A9%2B%2F&c="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
