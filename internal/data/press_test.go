package data

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"testing"
)

func TestPressCompressesWhatWasWrittenHoweverItCame(t *testing.T) {
	content := make([]byte, plainTo+10*sheet)
	random := rand.NewChaCha8([32]byte{})
	random.Read(content) //nolint:errcheck // never fails
	for _, size := range []int{0, 1, compressFrom - 1, compressFrom, sheet - 1, sheet, sheet + 1, plainTo, plainTo + 1, len(content)} {
		for _, step := range []int{7, 1000, len(content)} {
			var p press
			for rest := content[:size]; len(rest) > 0; {
				n, err := p.Write(rest[:min(step, len(rest))])
				if err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			packed, err := p.close()
			if err != nil {
				t.Fatal(err)
			}
			if p.size != size || size <= plainTo && !bytes.Equal(p.plain, content[:size]) || size > plainTo && p.plain != nil {
				t.Fatalf("%d bytes in steps of %d are kept as %d others", size, step, len(p.plain))
			}
			if size < compressFrom {
				if packed != nil {
					t.Errorf("%d bytes are compressed", size)
				}
				continue
			}
			z, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, content[:size]) {
				t.Errorf("%d bytes in steps of %d inflate to %d others, %v", size, step, len(got), err)
			}
		}
	}
}

func TestADocumentWhoseWriterPanicsLeavesNothingRunning(t *testing.T) {
	var p press
	func() {
		defer func() { recover() }() //nolint:errcheck // what it was does not matter
		defer p.close()              //nolint:errcheck // the same
		p.Write(make([]byte, sheet)) //nolint:errcheck // a buffer takes everything
		panic("in the middle")
	}()
	select {
	case <-p.done:
	default:
		t.Error("the compressor runs on")
	}
}
