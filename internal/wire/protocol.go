package wire

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"reflect"

	"larder.example/larder"
)

// Key tells one operation from another: by method and path, or by action and
// version.
type Key struct{ Method, Path, Action, Version string }

func (k Key) String() string {
	if k.Method != "" {
		return k.Method + " " + k.Path
	}
	return k.Action + " for version " + k.Version
}

func (i Info) key() Key {
	if i.Version != "" {
		return Key{Action: i.Name, Version: i.Version}
	}
	return Key{Method: i.Method, Path: i.Path}
}

// Protocol is a wire protocol as a server speaks it.
type Protocol interface {
	// Route says which operation a request asks for. It fails if the request
	// cannot ask for any.
	Route(r *Request) (Key, error)

	// Bind sets the members of in, whose shape is s, to what the request
	// says. It fails on what cannot be a member's value; whether values
	// satisfy the model is checked later.
	Bind(r *Request, s *Shape, in reflect.Value) (*Zeros, error)

	// Respond writes an output. An error means that the answer has begun and
	// cannot be finished.
	Respond(w http.ResponseWriter, r *Request, s *Shape, out reflect.Value) error

	// Name returns what the model calls a failure.
	Name(e *larder.Error) string

	// Fail writes a failure.
	Fail(w http.ResponseWriter, r *Request, e *larder.Error)
}

// ClientProtocol is a wire protocol as a client speaks it.
type ClientProtocol interface {
	// Encode makes the request of a call, whose path goes below that of
	// base, and the hexadecimal SHA-256 of its body. The request has a
	// GetBody if it can be sent again.
	Encode(ctx context.Context, base *url.URL, op Info, s *Shape, in reflect.Value) (r *http.Request, bodyHash string, err error)

	// Decode reads a success into out. It closes the body unless that became
	// a member of out.
	Decode(answer *http.Response, op Info, s *Shape, out reflect.Value) error

	// Failure reads an answer that is not a success, but does not close its
	// body. The error's Code is the service's name for it, and its Err is a
	// [*Fault].
	Failure(answer *http.Response) *larder.Error
}

// Size returns how many bytes are left to read from r, and false if only
// reading tells.
func Size(r io.Reader) (int64, bool) {
	s, ok := r.(io.Seeker)
	if !ok {
		return 0, false
	}
	at, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, false
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, false
	}
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return 0, false
	}
	return end - at, true
}
