package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"larder.example/larder"
)

// Fault is a service's failure as a client saw it.
type Fault struct {
	Name      string // "ResourceNotFoundException"; the status if the answer names none
	Status    int
	RequestID string
	Details   []Pair // what else the answer says of it, in its order
}

func (f *Fault) Error() string {
	if f.RequestID == "" {
		return fmt.Sprintf("%s (status %d)", f.Name, f.Status)
	}
	return fmt.Sprintf("%s (status %d, request %s)", f.Name, f.Status, f.RequestID)
}

// KindOf returns the kind of failure that an HTTP status stands for.
func KindOf(status int) larder.Kind {
	switch status {
	case http.StatusUnauthorized:
		return larder.Unauthenticated
	case http.StatusPaymentRequired:
		return larder.OverQuota
	case http.StatusForbidden:
		return larder.Denied
	case http.StatusNotFound:
		return larder.NotFound
	case http.StatusConflict:
		return larder.Conflict
	case http.StatusRequestEntityTooLarge:
		return larder.TooLarge
	case http.StatusTooManyRequests:
		return larder.Throttled
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return larder.Unavailable
	}
	if status/100 == 4 {
		return larder.Invalid
	}
	return larder.Internal
}

// SetRetryAfter tells a client when to come back, if e knows.
func SetRetryAfter(h http.Header, e *larder.Error) {
	if e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		h.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
}

// RetryAfter returns how long an answer tells the client to wait.
func RetryAfter(h http.Header) time.Duration {
	seconds, err := strconv.ParseUint(h.Get("Retry-After"), 10, 16)
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
