package data

import (
	"errors"
	"io"
	"net/http"
	"time"

	"larder.example/larder"
)

const (
	// drainLimit is how much of a body is read before a refusal, and
	// drainTime for how long. NuGet sends its package without credentials
	// first and takes an early answer for a broken connection, and so do
	// others for every refusal.
	drainLimit = 256 << 20
	drainTime  = 2 * time.Minute
)

// body is the body of a request as formats read it: that it cannot be read to
// its end is the client's doing.
type body struct{ io.ReadCloser }

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	e := &larder.Error{Kind: larder.Invalid, Message: "The request's body could not be read to its end.", Err: err}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		e.Kind, e.Message = larder.TooLarge, "The request's body is too large."
	}
	return n, e
}

// drain reads what is left of the body. A client that asked whether to send
// it at all gets its answer at once.
func (t *trip) drain() {
	if t.r.Body == http.NoBody || t.r.Header.Get("Expect") != "" {
		return
	}
	// Not every writer has deadlines; then the limit must do.
	http.NewResponseController(t.w).SetReadDeadline(time.Now().Add(drainTime)) //nolint:errcheck // see above
	io.Copy(io.Discard, io.LimitReader(t.r.Body, drainLimit))                  //nolint:errcheck // the answer is the same
}
