package control

import (
	"context"
	"net/http"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/throttle"
	"larder.example/larder/internal/wire"
)

// Authenticator finds out who signed a request. It serves every control
// plane: CodeArtifact's, IAM's and STS's.
type Authenticator struct {
	Identity *identity.Service
	Verifier *sigv4.Verifier[identity.Principal]
	Gate     *throttle.Gate // nil lets everything pass
}

// Authenticate verifies the signature of a request and returns its context
// with the caller. It has the form of wire.Mux's field.
func (a *Authenticator) Authenticate(r *http.Request, op wire.Info, body []byte) (context.Context, []wire.Pair, error) {
	event := audit.From(r.Context())
	event.Service, event.Name, event.Read = op.Service, op.Name, reads(op)
	result, err := a.verify(r, op, body)
	if err != nil {
		return nil, nil, a.Gate.Failed(event.Addr, err)
	}
	p := result.Principal
	event.Caller = a.Identity.Shown(r.Context(), p, result.KeyID)
	if err := a.Gate.Call(result.KeyID, event.Addr); err != nil {
		return nil, nil, err
	}
	if op.Service == "iam" && !event.Read {
		if err := a.Gate.IAMWrite(p.Account); err != nil {
			return nil, nil, err
		}
	}
	caller := identity.Caller{Principal: p, KeyID: result.KeyID, Addr: event.Addr, Secure: event.Secure, At: event.At}
	a.Identity.NoteUse(caller, op.Service)
	ctx := identity.WithCaller(r.Context(), caller)
	query := make([]wire.Pair, 0, len(result.Query))
	for _, pair := range result.Query {
		query = append(query, wire.Pair(pair))
	}
	return ctx, query, nil
}

func (a *Authenticator) verify(r *http.Request, op wire.Info, body []byte) (sigv4.Result[identity.Principal], error) {
	if !op.Streams {
		return a.Verifier.Verify(r, op.Service, body)
	}
	result, checked, err := a.Verifier.VerifyStream(r, op.Service)
	if err == nil {
		r.Body = checkedBody{Reader: checked, Closer: r.Body}
	}
	return result, err
}
