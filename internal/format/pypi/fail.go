package pypi

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"larder.example/larder"
)

// codeNotAcceptable is that of larder.Invalid for an Accept header that names
// nothing we can write.
const codeNotAcceptable = "NotAcceptable"

// fail writes an error as plain text: twine shows it with --verbose, poetry
// and uv as it is. twine, poetry and uv look in it for "already exists".
func fail(w http.ResponseWriter, r *http.Request, e *larder.Error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.WriteHeader(status(e))
	io.WriteString(w, e.Message+"\n")
}

// status is the HTTP status of a failure. OverQuota is CodeArtifact's 402:
// clients would take 429 for a reason to try again.
func status(e *larder.Error) int {
	switch e.Code {
	case larder.CodeStorageFull:
		return http.StatusInsufficientStorage
	case codeNotAcceptable:
		return http.StatusNotAcceptable
	}
	switch e.Kind {
	case larder.Invalid:
		return http.StatusBadRequest
	case larder.Unauthenticated:
		return http.StatusUnauthorized
	case larder.Denied:
		return http.StatusForbidden
	case larder.NotFound:
		return http.StatusNotFound
	case larder.Conflict:
		return http.StatusConflict
	case larder.TooLarge:
		return http.StatusRequestEntityTooLarge
	case larder.OverQuota:
		return http.StatusPaymentRequired
	case larder.Throttled:
		return http.StatusTooManyRequests
	case larder.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
