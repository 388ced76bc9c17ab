package awsquery

import (
	"cmp"
	"net/http"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// fault is what one failure is called. A row with a code is for that code;
// one without is for what is left of the kind.
type fault struct {
	kind      larder.Kind
	code      string
	name      string
	exception string // what the model calls it; empty for what every service may answer
	status    int
}

var faults = [...]fault{
	{larder.Internal, "", "InternalFailure", "", http.StatusInternalServerError},
	{larder.Invalid, "", "ValidationError", "", http.StatusBadRequest},
	{larder.Unauthenticated, "", "InvalidClientTokenId", "", http.StatusForbidden},
	{larder.Denied, "", "AccessDenied", "", http.StatusForbidden},
	{larder.NotFound, "", "NoSuchEntity", "NoSuchEntityException", http.StatusNotFound},
	{larder.Conflict, "", "EntityAlreadyExists", "EntityAlreadyExistsException", http.StatusConflict},
	{larder.TooLarge, "", "RequestEntityTooLarge", "", http.StatusRequestEntityTooLarge},
	{larder.OverQuota, "", "LimitExceeded", "LimitExceededException", http.StatusConflict},
	{larder.Throttled, "", "Throttling", "", http.StatusBadRequest},
	{larder.Unavailable, "", "ServiceUnavailable", "", http.StatusServiceUnavailable},

	{larder.Unavailable, larder.CodeStorageFull, "InternalFailure", "", http.StatusInternalServerError},
	{larder.NotFound, larder.CodeUnknownOperation, "InvalidAction", "", http.StatusBadRequest},
	{larder.Unauthenticated, larder.CodeMissingToken, "MissingAuthenticationToken", "", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeIncomplete, "IncompleteSignature", "", http.StatusBadRequest},
	{larder.Unauthenticated, larder.CodeInvalidSignature, "SignatureDoesNotMatch", "", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeExpiredToken, "ExpiredToken", "", http.StatusForbidden},
	{larder.Unauthenticated, larder.CodeRequestExpired, "RequestExpired", "", http.StatusBadRequest},
	{larder.Invalid, wire.CodeCannotParse, "MalformedQueryString", "", http.StatusBadRequest},
	{larder.Invalid, codeMalformedInput, codeMalformedInput, "", http.StatusBadRequest},

	// What the models of IAM and STS name, by its own name.
	{larder.Conflict, "ConcurrentModification", "ConcurrentModification", "ConcurrentModificationException", http.StatusConflict},
	{larder.Conflict, "DeleteConflict", "DeleteConflict", "DeleteConflictException", http.StatusConflict},
	{larder.Conflict, "EntityAlreadyExists", "EntityAlreadyExists", "EntityAlreadyExistsException", http.StatusConflict},
	{larder.Conflict, "EntityTemporarilyUnmodifiable", "EntityTemporarilyUnmodifiable", "EntityTemporarilyUnmodifiableException", http.StatusConflict},
	{larder.Unauthenticated, "ExpiredTokenException", "ExpiredTokenException", "ExpiredTokenException", http.StatusBadRequest},
	{larder.Unavailable, "IDPCommunicationError", "IDPCommunicationError", "IDPCommunicationErrorException", http.StatusBadRequest},
	{larder.Denied, "IDPRejectedClaim", "IDPRejectedClaim", "IDPRejectedClaimException", http.StatusForbidden},
	{larder.Invalid, "InvalidIdentityToken", "InvalidIdentityToken", "InvalidIdentityTokenException", http.StatusBadRequest},
	{larder.Invalid, "InvalidInput", "InvalidInput", "InvalidInputException", http.StatusBadRequest},
	{larder.OverQuota, "LimitExceeded", "LimitExceeded", "LimitExceededException", http.StatusConflict},
	{larder.Invalid, "MalformedPolicyDocument", "MalformedPolicyDocument", "MalformedPolicyDocumentException", http.StatusBadRequest},
	{larder.NotFound, "NoSuchEntity", "NoSuchEntity", "NoSuchEntityException", http.StatusNotFound},
	{larder.NotFound, "NotSupportedService", "NotSupportedService", "ServiceNotSupportedException", http.StatusNotFound},
	{larder.Unavailable, "OpenIdIdpCommunicationError", "OpenIdIdpCommunicationError", "OpenIdIdpCommunicationErrorException", http.StatusBadRequest},
	{larder.Invalid, "PackedPolicyTooLarge", "PackedPolicyTooLarge", "PackedPolicyTooLargeException", http.StatusBadRequest},
	{larder.Internal, "PolicyEvaluation", "PolicyEvaluation", "PolicyEvaluationException", http.StatusInternalServerError},
	{larder.Invalid, "PolicyNotAttachable", "PolicyNotAttachable", "PolicyNotAttachableException", http.StatusBadRequest},
	{larder.Denied, "RegionDisabledException", "RegionDisabledException", "RegionDisabledException", http.StatusForbidden},
	{larder.Internal, "ServiceFailure", "ServiceFailure", "ServiceFailureException", http.StatusInternalServerError},
	{larder.Invalid, "UnmodifiableEntity", "UnmodifiableEntity", "UnmodifiableEntityException", http.StatusBadRequest},
}

// faultOf returns the row for a failure: its code's, else its kind's.
func faultOf(e *larder.Error) fault {
	i := slices.IndexFunc(faults[:], func(f fault) bool { return f.code != "" && f.code == e.Code })
	if i < 0 {
		i = slices.IndexFunc(faults[:], func(f fault) bool { return f.code == "" && f.kind == e.Kind })
	}
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

// faultNamespace is that of failures before an operation is known.
const faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"

// Name implements [wire.Protocol]. What is NoSuchEntity in an answer is a
// NoSuchEntityException in the model, and so in CloudTrail.
func (Protocol) Name(e *larder.Error) string {
	f := faultOf(e)
	return cmp.Or(f.exception, f.name)
}

// Fail writes a failure. What is no request of the protocol at all is answered
// as the front end of AWS STS does.
func (Protocol) Fail(w http.ResponseWriter, r *wire.Request, e *larder.Error) {
	f := faultOf(e)
	h := w.Header()
	setRequestID(h, r)
	wire.SetRetryAfter(h, e)
	status, body := f.status, failure(r, f, e)
	if e.Code == larder.CodeUnknownOperation && !atRoot(r.HTTP) {
		status, body = http.StatusNotFound, []byte("<UnknownOperationException/>\n")
	}
	// The connection is gone if this fails, and there is nobody left to tell.
	_ = write(w, status, body)
}

func failure(r *wire.Request, f fault, e *larder.Error) []byte {
	xmlns, blame := faultNamespace, "Sender"
	if r.Op.Name != "" {
		xmlns = namespace(r.Op)
	}
	if f.status >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	var d document
	d.element("ErrorResponse", ` xmlns="`+xmlns+`"`, func() {
		d.element("Error", "", func() {
			d.text("Type", blame)
			d.text("Code", f.name)
			if text := message(f, e); text != "" {
				d.text("Message", text)
			}
		})
		d.text("RequestId", r.ID())
	})
	return d.buf
}

// message returns the text of a failure, where the protocol's differs from
// restJson1's.
func message(f fault, e *larder.Error) string {
	switch {
	case f.code == larder.CodeMissingToken:
		return "Request is missing Authentication Token"
	case f.kind == larder.Throttled && e.Message == "":
		return "Rate exceeded"
	}
	return e.Message
}
