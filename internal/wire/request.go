package wire

import (
	"context"
	"io"
	"net/http"

	"larder.example/larder"
)

// CodeCannotParse is the code of a request that cannot be read, spelled as
// CodeArtifact's ValidationExceptionReason has it.
const CodeCannotParse = "CANNOT_PARSE"

// maxBody bounds a body that is read into memory. Documents are small: the
// largest legal ones are a few policies.
const maxBody = 1 << 20

// Request is a request on its way through a [Mux].
type Request struct {
	HTTP  *http.Request
	Op    Info   // zero until the operation is known
	Query []Pair // of the query string; what was signed, once the caller is known
	Form  []Pair // of a form in the body, for a protocol that has them
	Body  []byte // of an operation that does not stream

	buffered bool
}

// Buffer reads the body into Body. It fails with larder.TooLarge.
func (r *Request) Buffer() error {
	if r.buffered || r.HTTP.Body == nil || r.HTTP.Body == http.NoBody {
		return nil
	}
	r.buffered = true
	tooLarge := larder.Errorf(larder.TooLarge, "The request body is larger than %d bytes.", maxBody)
	if r.HTTP.ContentLength > maxBody {
		return tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(r.HTTP.Body, maxBody+1))
	if err != nil {
		// The connection broke or the chunks were malformed; the caller's doing.
		return &larder.Error{Kind: larder.Invalid, Message: "The request body could not be read.", Err: err}
	}
	if len(body) > maxBody {
		return tooLarge
	}
	r.Body = body
	return nil
}

// ParseQuery sets Query from the query string, unless it is set.
func (r *Request) ParseQuery() error {
	if r.Query != nil {
		return nil
	}
	var err error
	if r.Query, err = ParseQuery(r.HTTP.URL.RawQuery); err != nil {
		return &larder.Error{Kind: larder.Invalid, Code: CodeCannotParse, Message: "The query string cannot be decoded.", Err: err}
	}
	return nil
}

// HeaderRequestID is the header in which an answer names the request. AWS
// writes it x-amzn-RequestId; this is the spelling that net/http need not
// rewrite.
const HeaderRequestID = "X-Amzn-Requestid"

type requestIDKey struct{}

// WithRequestID returns ctx carrying the ID that the answer to a request will
// name. Whoever accepts requests makes it up.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the request's ID, or nothing if ctx carries none.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// ID returns the request's ID.
func (r *Request) ID() string { return RequestID(r.HTTP.Context()) }
