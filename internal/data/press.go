package data

import (
	"bytes"

	"github.com/klauspost/compress/gzip"
)

const (
	// compression is gzip's level: 5 is about as small as the default, for a
	// third less time on packuments.
	compression = 5

	// sheet is how much is compressed at a time.
	sheet = 64 << 10
)

// press keeps what is written to it, and compresses it while more is being
// written: the first to ask for a document after a change waits for less.
// Close it, whatever happened.
type press struct {
	plain  bytes.Buffer
	passed int         // how much of plain has been passed on
	sheets chan []byte // nil until there is one
	done   chan struct{}
	closed bool
	packed []byte
	err    error
}

// Write implements io.Writer.
func (p *press) Write(b []byte) (int, error) {
	n, err := p.plain.Write(b)
	if p.plain.Len()-p.passed >= sheet {
		p.pass()
	}
	return n, err
}

// pass hands on what was not yet. It stays as it is: the buffer is only ever
// written behind it.
func (p *press) pass() {
	if p.sheets == nil {
		p.sheets, p.done = make(chan []byte, 16), make(chan struct{})
		go p.run()
	}
	p.sheets <- p.plain.Bytes()[p.passed:]
	p.passed = p.plain.Len()
}

// close returns the compressed form; nil if it is not worth having. Nothing
// can be written any more.
func (p *press) close() ([]byte, error) {
	if p.plain.Len() < compressFrom || p.closed {
		return p.packed, p.err
	}
	p.closed = true
	p.pass()
	close(p.sheets)
	<-p.done
	return p.packed, p.err
}

func (p *press) run() {
	defer close(p.done)
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, compression)
	for s := range p.sheets {
		if err == nil {
			_, err = z.Write(s)
		}
	}
	if err == nil {
		err = z.Close()
	}
	p.packed, p.err = bytes.Clone(packed.Bytes()), err // without the room that it grew into
}
