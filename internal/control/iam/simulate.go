package iam

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
)

func (p *Plane) simulatePrincipalPolicy(ctx context.Context, in *iam.SimulatePrincipalPolicyInput) (*iam.SimulatePrincipalPolicyOutput, error) {
	results, err := p.simulate(ctx, "SimulatePrincipalPolicy", identity.Simulation{
		Source: in.PolicySourceArn, Exclude: excluded(in.PolicyExclusionList),
		Policies: in.PolicyInputList, Boundary: in.PermissionsBoundaryPolicyInputList,
		Resource: in.ResourcePolicy, Caller: in.CallerArn, Owner: in.ResourceOwner, Keys: contextOf(in.ContextEntries),
	}, in.ActionNames, in.ResourceArns, in.Marker, in.MaxItems)
	return &iam.SimulatePrincipalPolicyOutput{EvaluationResults: results.items, IsTruncated: results.more, Marker: results.marker}, err
}

func (p *Plane) simulateCustomPolicy(ctx context.Context, in *iam.SimulateCustomPolicyInput) (*iam.SimulateCustomPolicyOutput, error) {
	if len(in.OrderedOrganizationPolicyInputList) > 0 {
		return nil, &larder.Error{Kind: larder.Invalid, Code: "InvalidInput", Message: "Larder has no organizations, so their policies decide nothing: leave OrderedOrganizationPolicyInputList out."}
	}
	results, err := p.simulate(ctx, "SimulateCustomPolicy", identity.Simulation{
		Policies: in.PolicyInputList, Boundary: in.PermissionsBoundaryPolicyInputList,
		Resource: in.ResourcePolicy, Caller: in.CallerArn, Owner: in.ResourceOwner, Keys: contextOf(in.ContextEntries),
	}, in.ActionNames, in.ResourceArns, in.Marker, in.MaxItems)
	return &iam.SimulateCustomPolicyOutput{EvaluationResults: results.items, IsTruncated: results.more, Marker: results.marker}, err
}

func (p *Plane) getContextKeysForPrincipalPolicy(ctx context.Context, in *iam.GetContextKeysForPrincipalPolicyInput) (*iam.GetContextKeysForPrincipalPolicyOutput, error) {
	s, err := p.Identity.Simulate(identity.Simulation{Account: caller(ctx).Account, Source: in.PolicySourceArn, Policies: in.PolicyInputList})
	if err != nil {
		return nil, err
	}
	return &iam.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: s.ContextKeys()}, nil
}

// simulate answers a page of the questions that actions and resources make,
// each action about each resource in turn.
func (p *Plane) simulate(ctx context.Context, operation string, sim identity.Simulation, actions, resources []string, marker string, limit int) (page[iam.EvaluationResult], error) {
	sim.Account = caller(ctx).Account
	owner, err := ownerOf(sim.Owner)
	if err != nil {
		return page[iam.EvaluationResult]{}, err
	}
	sim.Owner = owner
	s, err := p.Identity.Simulate(sim)
	if err != nil {
		return page[iam.EvaluationResult]{}, err
	}
	all := slices.Clone(resources)
	if len(all) == 0 {
		all = []string{"*"}
	}
	for _, r := range all {
		if r != "*" && !strings.HasPrefix(r, "arn:") {
			return page[iam.EvaluationResult]{}, &larder.Error{Kind: larder.Invalid, Code: "InvalidInput", Message: "Invalid Resource Arn: " + r}
		}
	}
	// A page is found by the number of its first question, so the marker is
	// good for the same questions only.
	of := fmt.Sprintf("%s %s %q %q", sim.Account, sim.Source, actions, all)
	numbers, err := list(p, operation, of, marker, limit, strconv.Itoa, func(last string, limit int) ([]int, error) {
		first := 0
		if n, err := strconv.Atoi(last); err == nil {
			first = n + 1
		}
		var numbers []int
		for n := first; n < min(first+limit, len(actions)*len(all)); n++ {
			numbers = append(numbers, n)
		}
		return numbers, nil
	})
	results := page[iam.EvaluationResult]{more: numbers.more, marker: numbers.marker}
	for _, n := range numbers.items {
		action, resource := actions[n/len(all)], all[n%len(all)]
		results.items = append(results.items, evaluated(s.Ask(action, larder.ARN(resource)), len(resources) > 0))
	}
	return results, err
}

// ownerOf returns the account in a ResourceOwner: the ARN of its root, or its
// number.
func ownerOf(owner string) (string, error) {
	account := strings.TrimSuffix(strings.TrimPrefix(owner, "arn:aws:iam::"), ":root")
	if account != "" && (len(account) != 12 || strings.Trim(account, "0123456789") != "") {
		return "", &larder.Error{Kind: larder.Invalid, Code: "InvalidInput", Message: "Invalid ResourceOwner: " + owner}
	}
	return account, nil
}

func contextOf(entries []iam.ContextEntry) map[string][]string {
	keys := map[string][]string{}
	for _, e := range entries {
		keys[e.ContextKeyName] = e.ContextKeyValues
	}
	return keys
}

// excluded returns what a list of policies says does not count.
func excluded(all []iam.PolicyIdentifier) func(identity.Origin, bool) bool {
	return func(o identity.Origin, boundary bool) bool {
		return slices.ContainsFunc(all, func(x iam.PolicyIdentifier) bool {
			switch {
			case (x.PolicyType == "permission-boundary") != boundary:
				return false
			case x.InlinePolicyIdentifier != nil:
				inline := x.InlinePolicyIdentifier
				return o.Name == inline.PolicyName && sourceType(o) == inline.AttachmentType && strings.HasSuffix(o.Holder, "/"+inline.AttachmentName)
			}
			return o.ARN != "" && o.ARN == x.PolicyArn
		})
	}
}

// evaluated is an answer in IAM's form. Where resources were listed, missing
// keys are told for each of them (IAM API reference, EvaluationResult).
func evaluated(s identity.Simulated, listed bool) iam.EvaluationResult {
	r := iam.EvaluationResult{
		EvalActionName: s.Question.Action, EvalResourceName: string(s.Question.Resource), EvalDecision: s.Decision.Name(),
		MatchedStatements: matched(s.Findings, s.Decision), MissingContextValues: []string{},
	}
	if s.Bounded {
		r.PermissionsBoundaryDecisionDetail = &iam.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: s.InBounds}
	}
	if s.Crossing {
		r.EvalDecisionDetails = map[string]string{
			"IAM Policy":      said(s.Findings, policy.FromIdentity),
			"Resource Policy": said(s.Findings, policy.FromResource),
		}
	}
	if !listed {
		r.MissingContextValues = s.Absent
		return r
	}
	r.ResourceSpecificResults = []iam.ResourceSpecificResult{{
		EvalResourceName: r.EvalResourceName, EvalResourceDecision: r.EvalDecision, MatchedStatements: r.MatchedStatements,
		MissingContextValues: s.Absent, EvalDecisionDetails: r.EvalDecisionDetails, PermissionsBoundaryDecisionDetail: r.PermissionsBoundaryDecisionDetail,
	}}
	return r
}

// matched returns the statements that made the decision what it is: those
// that deny, or if none does those that allow. What a boundary allows is told
// apart from them.
func matched(findings []identity.Finding, d policy.Decision) []iam.Statement {
	statements := []iam.Statement{}
	for _, f := range findings {
		st := f.Policy.Statement(f.Statement)
		if f.Outcome != policy.Applies || d.Reason == policy.Silent || st.Deny != (d.Reason == policy.Forbidden) || !st.Deny && f.Source == policy.FromBoundary {
			continue
		}
		statements = append(statements, iam.Statement{
			SourcePolicyId: sourceID(f.Origin), SourcePolicyType: sourceType(f.Origin),
			StartPosition: position(st.Start), EndPosition: position(st.End),
		})
	}
	return statements
}

// said is what the policies of one source say by themselves.
func said(findings []identity.Finding, from policy.Source) string {
	said := "implicitDeny"
	for _, f := range findings {
		if f.Source != from || f.Outcome != policy.Applies {
			continue
		}
		if f.Policy.Statement(f.Statement).Deny {
			return "explicitDeny"
		}
		said = "allowed"
	}
	return said
}

// sourceID is the name of a policy: of a managed one, the last part of its
// ARN; of one that was given, which of the parameters it came in.
func sourceID(o identity.Origin) string {
	if o.ARN != "" {
		return o.ARN[strings.LastIndexByte(o.ARN, '/')+1:]
	}
	return o.Name
}

// sourceType is IAM's word for where a policy comes from.
func sourceType(o identity.Origin) string {
	switch {
	case strings.HasPrefix(o.ARN, "arn:aws:iam::aws:"):
		return "aws-managed"
	case o.ARN != "":
		return "user-managed"
	case o.Name == "ResourcePolicy":
		return "resource"
	}
	for _, kind := range [...]string{"user", "group", "role"} {
		if strings.Contains(o.Holder, ":"+kind+"/") {
			return kind
		}
	}
	return "none"
}

func position(p policy.Position) *iam.Position {
	return &iam.Position{Line: new(p.Line), Column: new(p.Column)}
}
