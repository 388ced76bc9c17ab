package registry

import (
	"testing"

	"larder.example/larder/internal/format"
)

func TestReadingsAreBounded(t *testing.T) {
	var r readings
	const each = maxReadings / 4
	for blob := range int64(20) {
		r.keep(blob, &format.Package{Held: each})
		if r.of(blob) == nil {
			t.Errorf("%d is not remembered", blob)
		}
		if r.held > maxReadings || r.held != int64(len(r.pkgs)*each) {
			t.Fatalf("%d indexes of %d bytes hold %d", len(r.pkgs), each, r.held)
		}
	}
	if len(r.pkgs) != 4 {
		t.Errorf("%d are remembered, want 4", len(r.pkgs))
	}
	r.keep(19, &format.Package{Held: 1})
	r.forget(19)
	r.forget(19)
	r.keep(20, &format.Package{Held: each + 1})
	r.keep(21, &format.Package{})
	if len(r.pkgs) != 3 || r.held != 3*each {
		t.Errorf("%d are remembered and hold %d, want 3 and %d", len(r.pkgs), r.held, 3*each)
	}
}
