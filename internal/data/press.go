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

// press compresses what is written to it while more is being written: the
// first to ask for a document after a change waits for less. What is larger
// than plainTo it holds in no other form. Close it, whatever happened.
type press struct {
	size   int         // of all that was written
	plain  []byte      // that, up to plainTo; nil beyond
	next   []byte      // what is to be passed on; a part of plain while there is that
	sheets chan []byte // nil until there is one
	used   chan []byte // sheets that can be written again
	done   chan struct{}
	closed bool
	packed []byte
	err    error
}

// Write implements io.Writer.
func (p *press) Write(b []byte) (int, error) {
	n := len(b)
	p.size += n
	if p.size <= plainTo {
		passed := len(p.plain) - len(p.next)
		p.plain = append(p.plain, b...)
		if p.next = p.plain[passed:p.size:p.size]; len(p.next) >= sheet { // what stands behind it is not its own
			p.pass()
		}
		return n, nil
	}
	if p.plain != nil {
		p.plain = nil
		p.pass()
	}
	for len(b) > 0 {
		if p.next == nil {
			p.next = p.blank()
		}
		fits := min(len(b), sheet-len(p.next))
		p.next = append(p.next, b[:fits]...)
		if b = b[fits:]; len(p.next) == sheet {
			p.pass()
		}
	}
	return n, nil
}

// blank returns an empty sheet.
func (p *press) blank() []byte {
	select {
	case s := <-p.used:
		return s[:0]
	default:
		return make([]byte, 0, sheet)
	}
}

// pass hands on what was not yet, and forgets it.
func (p *press) pass() {
	if p.sheets == nil {
		p.sheets, p.used, p.done = make(chan []byte, 8), make(chan []byte, 8), make(chan struct{})
		go p.run()
	}
	p.sheets <- p.next
	p.next = nil
}

// close returns the compressed form; nil if it is not worth having. Nothing
// can be written any more.
func (p *press) close() ([]byte, error) {
	if p.size < compressFrom || p.closed {
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
		if cap(s) == sheet { // nobody reads it any more: plain has gone before a sheet is written again
			select {
			case p.used <- s:
			default:
			}
		}
	}
	if err == nil {
		err = z.Close()
	}
	p.packed, p.err = bytes.Clone(packed.Bytes()), err // without the room that it grew into
}
