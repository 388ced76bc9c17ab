package upstream

import (
	"io"
	"net/http"
	"strconv"
)

// Status answers every request with a status.
func Status(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(code)
		return true
	}
}

// Throttled asks every request to come again in so many seconds.
func Throttled(seconds int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
}

// Portal answers every request with a page of HTML, as a network does that
// wants its user to log in.
func Portal(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, "<!DOCTYPE html><title>Welcome</title><p>Accept our terms.")
	return true
}

// Hung answers no request until it is released, and then as if it had not
// been asked.
func Hung(release <-chan struct{}) Fault {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-release:
			return false
		case <-r.Context().Done():
			return true
		}
	}
}

// Truncated breaks off after so many bytes of a body that is said to be
// longer.
func Truncated(body []byte, after int) Fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body[:after])
		return true
	}
}
