package npm

import (
	"net/http"
	"strconv"
	"time"

	"larder.example/larder"
)

// fail writes an error the way the clients print it: npm, yarn and bun show
// the member error, pnpm the whole body.
func fail(w http.ResponseWriter, r *http.Request, e *larder.Error) {
	w.Header().Set("Content-Type", jsonType)
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.WriteHeader(status(e))
	w.Write(encode(map[string]string{"error": e.Message}))
}

// status is the HTTP status of a failure. OverQuota is CodeArtifact's 402:
// clients would take 429 for a reason to try again.
func status(e *larder.Error) int {
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
