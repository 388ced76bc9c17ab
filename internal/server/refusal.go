package server

import (
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
	"larder.example/larder/internal/token"
)

// refusal is what audit records say of what policies refused.
func refusal(err error) *audit.Refusal {
	r := identity.RefusalOf(err)
	if r == nil {
		return nil
	}
	said := &audit.Refusal{
		Action: r.Question.Action, Resource: token.Redact(string(r.Question.Resource)), Decision: r.Decision.Name(),
		PolicyType: r.Decision.Source.String(), Policy: r.By.Name, AttachedTo: r.By.Holder, SessionContext: r.SessionContext(),
	}
	if r.By.ARN != "" {
		said.Policy = r.By.ARN
	}
	if r.Decision.Reason == policy.Forbidden {
		said.Statement, said.Sid = r.Decision.Statement+1, r.Decision.Policy.Statement(r.Decision.Statement).Sid
	}
	return said
}
