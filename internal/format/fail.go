package format

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"larder.example/larder"
)

// Fail writes an error whose body and its type are the package manager's own.
func Fail(w http.ResponseWriter, e *larder.Error, contentType, body string) {
	FailWith(w, Status(e), e, contentType, body)
}

// FailWith is Fail with a status that only one format knows.
func FailWith(w http.ResponseWriter, status int, e *larder.Error, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.WriteHeader(status)
	io.WriteString(w, body)
}

// Status is the HTTP status of a failure. OverQuota is CodeArtifact's 402:
// clients would take 429 for a reason to try again.
func Status(e *larder.Error) int {
	if e.Code == larder.CodeStorageFull {
		return http.StatusInsufficientStorage
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
