package blob

import (
	"io"

	"larder.example/larder"
)

// Limit returns a reader of r that fails with larder.TooLarge once r yields
// more than limit bytes. It is how a limit is put on staging:
//
//	s, err := store.Stage(ctx, blob.Limit(r, most))
func Limit(r io.Reader, limit int64) io.Reader {
	return &limited{r: r, left: limit, limit: limit}
}

type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, l.tooLarge()
	}
	if len(p) == 0 {
		return l.r.Read(p)
	}
	// One byte past the limit tells too much from just enough.
	if int64(len(p)) > l.left {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return n - 1, l.tooLarge()
	}
	return n, err
}

func (l *limited) tooLarge() error {
	return larder.Errorf(larder.TooLarge, "The content is larger than the limit of %d bytes.", l.limit)
}
