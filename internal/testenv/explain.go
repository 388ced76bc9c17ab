package testenv

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"time"

	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/control/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// explainRefusals holds ExplainDecision to what is refused: asked at once, by
// root of the first account, why the caller may not do that, it must decide
// alike and name the statement that refused, whatever the test is about. It
// sees nothing of the caller but what audit records have.
func (e *Env) explainRefusals() {
	mux := &wire.Mux{Protocol: restjson.Protocol{}}
	mux.Authenticate = func(r *http.Request, _ wire.Info, _ []byte) (context.Context, []wire.Pair, error) {
		all, err := e.server.Identity.Accounts(r.Context())
		if err != nil {
			return nil, nil, err
		}
		root := identity.Principal{Account: all[0].ID, ID: all[0].ID, ARN: all[0].ARN()}
		return identity.WithCaller(r.Context(), identity.Caller{Principal: root, At: e.Clock.Now()}), nil, nil
	}
	(&larder.Plane{Identity: e.server.Identity, Region: Region, Now: e.Clock.Now}).Mount(mux)
	c := &wire.Client{
		Base: &url.URL{Scheme: "http", Host: "explain.test"}, Protocol: restjson.Protocol{}, Attempts: 1,
		HTTP: &http.Client{Transport: handled{mux}},
	}
	e.server.Identity.Refused = func(_ context.Context, r *identity.Refusal) {
		ctx := context.Background() // the refusal may be within a transaction
		in := explainable(r)
		out, err := wire.Call(ctx, c, api.ExplainDecision, in)
		if err == nil && explains(out, r) || e.changed(ctx, r) {
			return
		}
		e.t.Errorf("ExplainDecision of %+v: got %+v, %v, want what refused: %v", in, out, err, r)
	}
}

// handled is a way to a handler without a network.
type handled struct{ http.Handler }

func (h handled) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// explainable is what to ask about a refusal.
func explainable(r *identity.Refusal) *api.ExplainDecisionInput {
	who := &r.Caller.Principal
	in := &api.ExplainDecisionInput{
		Caller: who.ID, Action: r.Question.Action, Resource: string(r.Question.Resource), SessionContext: r.SessionContext(),
	}
	add := func(key string, values ...string) {
		in.Context = append(in.Context, api.ContextEntry{Key: key, Values: values})
	}
	for key, values := range r.Question.Keys {
		add(key, values...)
	}
	if r.Caller.Addr.IsValid() {
		add("aws:SourceIp", r.Caller.Addr.Unmap().String())
	}
	add("aws:SecureTransport", strconv.FormatBool(r.Caller.Secure))
	add("aws:CurrentTime", r.Caller.At.UTC().Format(time.RFC3339))
	add("aws:EpochTime", strconv.FormatInt(r.Caller.At.Unix(), 10))
	issued := r.Caller.TokenIssuedAt
	switch {
	case who.Provider != "":
		in.Caller = who.Provider
	case who.Session != nil:
		if who.Session.Name != "" {
			in.Caller += ":" + who.Session.Name
		}
		issued = who.Session.IssuedAt
		add("aws:MultiFactorAuthPresent", "false")
	}
	if !issued.IsZero() {
		add("aws:TokenIssueTime", issued.UTC().Format(time.RFC3339))
	}
	return in
}

// explains reports whether an explanation is that of a refusal.
func explains(out *api.ExplainDecisionOutput, r *identity.Refusal) bool {
	d, by := r.Decision, out.DecidedBy
	if out.Decision != d.Name() || out.Source != d.Source.String() || out.Reason != d.Because(r.Question.Action) || (by == nil) != (d.Policy == nil) {
		return false
	}
	return by == nil || by.Effect == "Deny" && by.Outcome == "applies" && by.Statement == d.Statement+1 &&
		by.AttachedTo == r.By.Holder && by.PolicyArn == r.By.ARN && by.Start.Line > 0
}

// changed reports whether what is in force now decides otherwise than when
// the caller was refused: tests change policies while others ask.
func (e *Env) changed(ctx context.Context, r *identity.Refusal) bool {
	now, err := e.server.Identity.Explain(ctx, r.Caller, r.Question)
	return err != nil || now.Decision != r.Decision
}
