package identity

import (
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/policy"
)

// sharedIssuers issue tokens to all the world's customers of a service. An
// issuer with a path, such as that of one enterprise at GitHub, or a host of
// one's own is another.
var sharedIssuers = [...]string{
	"accounts.google.com",
	"agent.buildkite.com",
	"app.terraform.io",
	"gitlab.com",
	"oidc.vercel.com",
	"token.actions.githubusercontent.com",
}

// narrowingClaims are the claims that say whose token it is. What else a token
// claims, such as a branch or an environment, every customer's may.
var narrowingClaims = [...]string{
	"sub",
	"actor_id", "enterprise", "enterprise_id", "job_workflow_ref", "repository", "repository_id", "repository_owner", "repository_owner_id",
	"namespace_id", "namespace_path", "project_id", "project_path", "user_id",
	"organization_id", "organization_slug", "terraform_organization_id", "terraform_organization_name",
	"email", "hd", "owner_id",
}

// checkSharedIssuers refuses a trust policy that lets in whoever gets a token
// from an issuer that has all the world for a customer: that is what leaving
// out the condition on the subject does, and AWS refuses it too.
func checkSharedIssuers(document string) error {
	federations, err := policy.Federations([]byte(document))
	if err != nil {
		return err
	}
	for _, f := range federations {
		for _, issuer := range sharedIssuers {
			if trusts(f, issuer) && !slices.ContainsFunc(f.Conditions, func(c policy.Condition) bool { return narrows(c, issuer) }) {
				return fault(larder.Invalid, policy.CodeMalformed,
					"The trust policy lets in every customer of %s. Add a condition on %[1]s:sub, or on another claim that says whose token it is, with a value that does not begin with a wildcard.", issuer)
			}
		}
	}
	return nil
}

func trusts(f policy.Federation, issuer string) bool {
	return slices.ContainsFunc(f.Providers, func(provider string) bool {
		_, host, ok := strings.Cut(provider, ":oidc-provider/")
		if !ok {
			host = provider
		}
		return strings.EqualFold(host, issuer)
	})
}

// narrows reports whether a condition holds for the tokens of some customers
// only. IfExists and ForAllValues hold where a claim is missing.
func narrows(c policy.Condition, issuer string) bool {
	operator := strings.TrimPrefix(strings.ToLower(c.Operator), "foranyvalue:")
	if !slices.Contains([]string{"stringequals", "stringequalsignorecase", "stringlike"}, operator) {
		return false
	}
	host, claim, _ := strings.Cut(c.Key, ":")
	if !strings.EqualFold(host, issuer) || !slices.Contains(narrowingClaims[:], strings.ToLower(claim)) {
		return false
	}
	return !slices.ContainsFunc(c.Values, func(value string) bool {
		if operator != "stringlike" {
			return value == ""
		}
		if i := strings.IndexAny(value, "*?"); i >= 0 {
			value = value[:i]
		}
		// "repo:*" is everybody too: what counts stands behind the colon.
		if kind, of, ok := strings.Cut(value, ":"); ok && kind != "" {
			value = of
		}
		return value == ""
	})
}
