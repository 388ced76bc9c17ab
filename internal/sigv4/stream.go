package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"

	"larder.example/larder"
)

// body reads a body whose hash was signed before it was sent.
type body struct {
	from io.Reader
	hash hash.Hash
	want string
	err  error // what every further Read returns
}

func hashed(from io.Reader, want string) io.Reader {
	if from == nil {
		from = http.NoBody
	}
	return &body{from: from, hash: sha256.New(), want: want}
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	b.hash.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(b.hash.Sum(nil)) != b.want {
		err = refuse(larder.CodeInvalidSignature, textMismatch)
	}
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		err = larder.Errorf(larder.TooLarge, "The request body is larger than %d bytes.", tooLarge.Limit)
	}
	b.err = err
	return n, err
}
