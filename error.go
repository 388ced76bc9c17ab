package larder

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what a caller must be able to tell apart about a failure. Each
// protocol spells the kinds in its own way; nothing else decides a status
// code.
type Kind int

// The kinds of failure.
const (
	Internal        Kind = iota // a bug, or something that the caller cannot know
	Invalid                     // the request does not mean anything
	Unauthenticated             // we do not know who asks
	Denied                      // we know, and they may not
	NotFound
	Conflict // with what is there
	TooLarge
	OverQuota
	Throttled   // too often; see RetryAfter
	Unavailable // not now
)

func (k Kind) String() string {
	return [...]string{
		"Internal", "Invalid", "Unauthenticated", "Denied", "NotFound",
		"Conflict", "TooLarge", "OverQuota", "Throttled", "Unavailable",
	}[k]
}

// Codes that more than one room must agree on, where the kind alone does not
// decide what a protocol says.
const (
	CodeStorageFull      = "StorageFull"      // Unavailable: the disk is full; package protocols answer 507
	CodeUnknownOperation = "UnknownOperation" // NotFound: no operation of that name or path

	// Why a caller is Unauthenticated. The two AWS protocols spell these
	// differently (internal/wire holds both dialects).
	CodeMissingToken       = "MissingAuthenticationToken"
	CodeIncomplete         = "IncompleteSignature"
	CodeInvalidSignature   = "InvalidSignature"
	CodeUnrecognizedClient = "UnrecognizedClient"
	CodeExpiredToken       = "ExpiredToken"
	CodeRequestExpired     = "RequestExpired"
)

// Error is a failure that the caller did or must know about. Anything else
// is a plain wrapped error and reaches the caller as [Internal].
type Error struct {
	Kind         Kind
	Code         string // where the kind does not decide it: "DeleteConflict", "CANNOT_PARSE"
	Resource, ID string // "repository", "shared"; may be empty
	Message      string // a sentence for the caller
	RetryAfter   time.Duration
	Err          error // for the log; never leaves the process
}

// Errorf returns an Error of kind k with a formatted message.
func Errorf(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports whether err is, or wraps, an Error of kind k.
func (k Kind) Is(err error) bool {
	if err == nil {
		return false // without the allocation that As costs
	}
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// AsError returns the Error in err's chain, or err as an Internal one whose
// message says nothing about it. It returns nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "An internal error occurred.", Err: err}
}
