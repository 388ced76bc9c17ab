package larder

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"larder.example/larder"
	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
)

// aDecision asks about who is to be explained, if that is somebody of the
// caller's account, or about the resource, if that belongs to it. Explaining
// others to others is the first account's.
func aDecision(p *Plane, ctx context.Context, in any) (larder.ARN, error) {
	explain, _ := in.(*api.ExplainDecisionInput)
	own := caller(ctx).Account
	who := explain.Caller
	if named, err := p.Identity.Whom(who); err == nil && named.ARN != "" {
		who = named.ARN
	}
	for _, arn := range []string{who, explain.Resource} {
		if accountOf(arn) == own {
			return larder.ARN(arn), nil
		}
	}
	first, err := p.first(ctx)
	return p.arn(first, "decision", "*"), err
}

// accountOf returns the account in an ARN; nothing if it has none.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

func (p *Plane) explainDecision(ctx context.Context, in *api.ExplainDecisionInput) (*api.ExplainDecisionOutput, error) {
	who, err := p.Identity.Whom(in.Caller)
	if err != nil {
		return nil, err
	}
	asking, _ := identity.CallerFrom(ctx)
	of := identity.Caller{Principal: who, Secure: asking.Secure, At: asking.At}
	if who.ARN == asking.Principal.ARN {
		of = asking // in this very session, from this very address
	}
	if of.Principal.Session != nil && in.SessionContext != "" {
		session := *of.Principal.Session
		if _, err := hex.Decode(session.Context[:], []byte(in.SessionContext)); err != nil {
			return nil, &larder.Error{Kind: larder.Invalid, Message: "The sessionContext is no hexadecimal number.", Err: err}
		}
		of.Principal.Session = &session
	}
	q := identity.Question{Action: in.Action, Resource: larder.ARN(in.Resource), Keys: map[string][]string{}}
	if q.Resource == "" {
		q.Resource = "*"
	}
	for _, entry := range in.Context {
		q.Keys[entry.Key] = entry.Values
	}
	e, err := p.Identity.Explain(ctx, of, q)
	if err != nil {
		return nil, err
	}
	first, err := p.first(ctx)
	if err != nil {
		return nil, err
	}
	sees := func(o identity.Origin) bool {
		own := asking.Principal.Account
		return own == first || slices.Contains(o.Accounts, own)
	}
	return explained(&e, sees), nil
}

// explained is an explanation for who sees policies of some origins only.
func explained(e *identity.Explanation, sees func(identity.Origin) bool) *api.ExplainDecisionOutput {
	out := &api.ExplainDecisionOutput{
		Decision: e.Decision.Name(), Source: e.Decision.Source.String(), Reason: e.Decision.Because(e.Question.Action),
		Statements: []api.ConsideredStatement{}, AbsentKeys: e.Absent,
		CallerArn: e.Caller, Action: e.Question.Action, Resource: string(e.Question.Resource),
	}
	for _, f := range e.Findings {
		if sees(f.Origin) {
			out.Statements = append(out.Statements, considered(f))
		}
	}
	if f, ok := e.Decider(); ok && sees(f.Origin) {
		out.DecidedBy = new(considered(f))
	}
	return out
}

func considered(f identity.Finding) api.ConsideredStatement {
	st := f.Policy.Statement(f.Statement)
	c := api.ConsideredStatement{
		AccountId: f.Origin.Accounts[0], PolicyType: f.Source.String(), PolicyName: f.Origin.Name, PolicyArn: f.Origin.ARN,
		AttachedTo: f.Origin.Holder, Statement: f.Statement + 1, Sid: st.Sid, Effect: "Allow",
		Start: position(st.Start), End: position(st.End), Outcome: outcomes[f.Outcome], Condition: f.Condition,
	}
	if st.Deny {
		c.Effect = "Deny"
	}
	if f.Origin.ARN != "" {
		c.AccountId = accountOf(f.Origin.ARN)
		c.PolicyName = f.Origin.ARN[strings.LastIndexByte(f.Origin.ARN, '/')+1:]
	}
	return c
}

func position(p policy.Position) *api.Position { return &api.Position{Line: p.Line, Column: p.Column} }

// outcomes are the model's names.
var outcomes = [...]string{
	policy.Applies:        "applies",
	policy.OtherAction:    "otherAction",
	policy.OtherPrincipal: "otherPrincipal",
	policy.OtherResource:  "otherResource",
	policy.OtherCondition: "conditionNotMet",
}
