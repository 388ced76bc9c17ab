package server

import (
	"io"
	"net/http"

	"larder.example/larder/internal/audit"
)

// answer is the response writer of the edge: it knows what was answered, and
// writes the audit record of a change before the first byte goes out. It
// forwards ReadFrom, without which the kernel could not send files by itself.
type answer struct {
	http.ResponseWriter
	event  *audit.Event
	before func(*audit.Event) error // writes the record; called once, with the status known
	begun  bool
}

// WriteHeader begins the answer. One about a change whose record cannot be
// written becomes a failure.
func (a *answer) WriteHeader(status int) {
	if status >= 100 && status < 200 {
		a.ResponseWriter.WriteHeader(status)
		return
	}
	if a.begun {
		return
	}
	a.begun = true
	a.event.Status = status
	if err := a.before(a.event); err != nil {
		h := a.Header()
		for name := range h {
			if name != requestIDHeader {
				delete(h, name)
			}
		}
		a.event.Status, a.event.Err = http.StatusInternalServerError, err
		a.ResponseWriter.WriteHeader(a.event.Status)
		panic(http.ErrAbortHandler)
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	n, err := a.ResponseWriter.Write(b)
	a.event.Bytes += int64(n)
	return n, err
}

// ReadFrom implements io.ReaderFrom.
func (a *answer) ReadFrom(r io.Reader) (int64, error) {
	a.WriteHeader(http.StatusOK)
	n, err := io.Copy(a.ResponseWriter, r)
	a.event.Bytes += n
	return n, err
}

// Begun reports whether the answer has begun, so that another can no longer
// be given.
func (a *answer) Begun() bool { return a.begun }

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
