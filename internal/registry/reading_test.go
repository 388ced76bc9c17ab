package registry

import (
	"fmt"
	"testing"

	"larder.example/larder/internal/format"
)

func TestReadingsAreBounded(t *testing.T) {
	var r readings
	const each = maxReadings / 4
	key := func(path string) documentKey { return documentKey{"public:told", path} }
	for blob := range int64(20) {
		path := key(fmt.Sprint(blob))
		r.keep(path, blob, &format.Package{Held: each})
		if r.of(path, blob) == nil || r.of(path, blob+1) != nil || r.of(key("other"), blob) != nil {
			t.Errorf("%d is not remembered as what it is", blob)
		}
		if r.held > maxReadings || r.held != int64(len(r.last)*each) {
			t.Fatalf("%d indexes of %d bytes hold %d", len(r.last), each, r.held)
		}
	}
	if len(r.last) != 4 {
		t.Errorf("%d are remembered, want 4", len(r.last))
	}
	r.keep(key("19"), 30, &format.Package{Held: 1})
	if r.of(key("19"), 19) != nil || r.of(key("19"), 30) == nil || r.held != 3*each+1 {
		t.Errorf("a newer index does not take the place of the one before: %d bytes are held", r.held)
	}
	r.forget(key("19"))
	r.forget(key("19"))
	r.keep(key("20"), 20, &format.Package{Held: each + 1})
	r.keep(key("21"), 21, &format.Package{})
	if len(r.last) != 3 || r.held != 3*each {
		t.Errorf("%d are remembered and hold %d, want 3 and %d", len(r.last), r.held, 3*each)
	}
}
