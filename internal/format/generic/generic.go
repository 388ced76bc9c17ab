package generic

import (
	"io"
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Format is the generic format.
var Format = format.Format{
	Name: larder.Generic,
	Names: format.Names{
		Canonical: canonical,
		Asset:     asset,
		Compare:   strings.Compare,
	},
	Grows: format.WhileUnfinished,
	Fail:  fail,
}

// fail answers what asks the endpoint for anything: it has nothing but
// refusals to give.
func fail(w http.ResponseWriter, _ *http.Request, e *larder.Error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status(e.Kind))
	io.WriteString(w, e.Message+"\n")
}

// status is the HTTP status of a failure. No request gets as far as the
// other kinds.
func status(k larder.Kind) int {
	switch k {
	case larder.Invalid:
		return http.StatusBadRequest
	case larder.Unauthenticated:
		return http.StatusUnauthorized
	case larder.Denied:
		return http.StatusForbidden
	case larder.NotFound:
		return http.StatusNotFound
	case larder.Throttled:
		return http.StatusTooManyRequests
	case larder.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
