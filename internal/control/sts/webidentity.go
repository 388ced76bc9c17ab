package sts

import (
	"context"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/webidentity"
)

// assumeRoleWithWebIdentity is asked without a signature: who asks is who the
// token says, if a provider that the role's account trusts made it.
func (p *Plane) assumeRoleWithWebIdentity(ctx context.Context, in *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	if in.ProviderId != "" {
		return nil, larder.Errorf(larder.Invalid, "ProviderId is for OAuth 2.0 access tokens, which are not accepted.")
	}
	account, err := identity.RoleAccount(in.RoleArn)
	if err != nil {
		return nil, err
	}
	provider, err := p.provider(ctx, account, in.WebIdentityToken)
	if err != nil {
		return nil, err
	}
	issuer := "https://" + provider.URL
	if err := p.Gate.Issuer(issuer); err != nil {
		return nil, err
	}
	claims, err := p.Tokens.Verify(ctx, webidentity.Provider{URL: issuer, Audiences: provider.ClientIDs}, in.WebIdentityToken)
	if err != nil {
		return nil, err
	}
	event, audience := audit.From(ctx), first(claims.Audience())
	event.Caller = audit.Identity{
		Type: "WebIdentityUser", PrincipalID: provider.ARN() + ":" + audience + ":" + claims.Subject,
		UserName: claims.Subject, Provider: provider.ARN(),
	}
	tags, err := tagsOf(claims)
	if err != nil {
		return nil, err
	}
	ctx = identity.WithCaller(ctx, identity.Caller{Addr: event.Addr, Secure: event.Secure, At: event.At})
	got, err := p.Identity.AssumeRoleWithWebIdentity(ctx, identity.Assumption{
		Role: in.RoleArn, Session: in.RoleSessionName, Duration: time.Duration(in.DurationSeconds) * time.Second,
		Policy: in.Policy, PolicyARNs: policyARNs(in.PolicyArns),
		Tags: tags, TransitiveKeys: claims.Tags.Transitive, SourceIdentity: claims.SourceIdentity,
	}, identity.WebIdentity{Account: account, Issuer: issuer, Keys: claims.Keys})
	if err != nil {
		return nil, err
	}
	user := assumed(got)
	note(ctx, got.Credentials, user)
	return &sts.AssumeRoleWithWebIdentityOutput{
		Credentials: credentials(got.Credentials), SubjectFromWebIdentityToken: claims.Subject, AssumedRoleUser: user,
		PackedPolicySize: got.Packed, Provider: provider.ARN(), Audience: audience, SourceIdentity: got.SourceIdentity,
	}, nil
}

// provider returns the provider of an account that a token claims to be of.
func (p *Plane) provider(ctx context.Context, account, token string) (identity.Provider, error) {
	issuer, err := webidentity.Issuer(token)
	if err != nil {
		return identity.Provider{}, err
	}
	provider, err := p.Identity.Provider(ctx, identity.ProviderARN(account, issuer))
	if larder.NotFound.Is(err) {
		if !strings.Contains(issuer, "://") {
			issuer = "https://" + issuer
		}
		return provider, &larder.Error{
			Kind: larder.Invalid, Code: webidentity.CodeInvalid,
			Message: "No OpenIDConnect provider found in your account for " + issuer,
		}
	}
	return provider, err
}

// tagsOf returns the session tags that a token has. Each has one value.
func tagsOf(c webidentity.Claims) ([]identity.Tag, error) {
	var tags []identity.Tag
	for key, values := range c.Tags.Values {
		if len(values) != 1 || key == "" || len(key) > 128 || len(values[0]) > 256 {
			return nil, &larder.Error{Kind: larder.Invalid, Code: webidentity.CodeInvalid, Message: "The session tags of the token are malformed."}
		}
		tags = append(tags, identity.Tag{Key: key, Value: values[0]})
	}
	slices.SortFunc(tags, func(a, b identity.Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags, nil
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
