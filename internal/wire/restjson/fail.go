package restjson

import (
	"net/http"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// fault is what one failure is called. A row with a code is for that code
// alone; one without is for what is left of the kind.
type fault struct {
	kind   larder.Kind
	code   string
	name   string
	status int
}

// faults are the exceptions that CodeArtifact models, and those that the API
// reference lists as common to all services.
var faults = [...]fault{
	{larder.Internal, "", "InternalServerException", http.StatusInternalServerError},
	{larder.Invalid, "", "ValidationException", http.StatusBadRequest},
	{larder.Unauthenticated, larder.CodeMissingToken, "MissingAuthenticationTokenException", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeIncomplete, "IncompleteSignatureException", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeInvalidSignature, "InvalidSignatureException", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeExpiredToken, "ExpiredTokenException", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeRequestExpired, "RequestExpired", http.StatusBadRequest},
	{larder.Unauthenticated, "", "UnrecognizedClientException", http.StatusForbidden},
	{larder.Denied, "", "AccessDeniedException", http.StatusForbidden},
	{larder.NotFound, larder.CodeUnknownOperation, "UnknownOperationException", http.StatusNotFound},
	{larder.NotFound, "", "ResourceNotFoundException", http.StatusNotFound},
	{larder.Conflict, "", "ConflictException", http.StatusConflict},
	{larder.TooLarge, "", "RequestEntityTooLargeException", http.StatusRequestEntityTooLarge},
	{larder.OverQuota, "", "ServiceQuotaExceededException", http.StatusPaymentRequired},
	{larder.Throttled, "", "ThrottlingException", http.StatusTooManyRequests},
	{larder.Unavailable, larder.CodeStorageFull, "InternalServerException", http.StatusInternalServerError},
	{larder.Unavailable, "", "ServiceUnavailable", http.StatusServiceUnavailable},
}

// faultOf returns the row for a failure.
func faultOf(e *larder.Error) fault {
	i := slices.IndexFunc(faults[:], func(f fault) bool {
		return f.kind == e.Kind && (f.code == "" || f.code == e.Code)
	})
	return faults[max(i, 0)]
}

// kindOf returns the kind of a failure that a service named.
func kindOf(name string, status int) larder.Kind {
	i := slices.IndexFunc(faults[:], func(f fault) bool { return f.name == name })
	if i < 0 {
		return wire.KindOf(status)
	}
	return faults[i].kind
}

const headerErrorType = "X-Amzn-Errortype"

// Name implements [wire.Protocol].
func (Protocol) Name(e *larder.Error) string { return faultOf(e).name }

// Fail writes a failure. Its name is in a header, which clients look at first.
func (Protocol) Fail(w http.ResponseWriter, r *wire.Request, e *larder.Error) {
	f := faultOf(e)
	h := w.Header()
	setRequestID(h, r)
	h.Set(headerErrorType, f.name)
	wire.SetRetryAfter(h, e)
	// The connection is gone if this fails, and there is nobody left to tell.
	_ = write(w, f.status, document(f, e))
}

// document is the body of a failure, members in the order of the model.
func document(f fault, e *larder.Error) []byte {
	b := appendString([]byte(`{"message":`), e.Message)
	switch f.kind {
	case larder.Invalid:
		b = appendString(append(b, `,"reason":`...), reason(e.Code))
	case larder.NotFound, larder.Conflict, larder.OverQuota:
		if e.ID != "" {
			b = appendString(append(b, `,"resourceId":`...), e.ID)
		}
		if isResourceType(e.Resource) {
			b = appendString(append(b, `,"resourceType":`...), e.Resource)
		}
	default: // the model gives the others a message only
	}
	return append(b, '}')
}

// reason returns CodeArtifact's ValidationExceptionReason for a code.
func reason(code string) string {
	switch code {
	case "":
		return wire.CodeFieldValidation
	case wire.CodeFieldValidation, wire.CodeCannotParse, "ENCRYPTION_KEY_ERROR", "UNKNOWN_OPERATION":
		return code
	default:
		return "OTHER"
	}
}

// isResourceType reports whether the model has a resource type: strictly
// generated clients know no others. It has none for package groups.
func isResourceType(s string) bool {
	switch s {
	case "domain", "repository", "package", "package-version", "asset":
		return true
	}
	return false
}
