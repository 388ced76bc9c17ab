package sts

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/identity"
)

// noFactor refuses the code of a second factor: nobody has one here, and to
// take any for a good one would lie about aws:MultiFactorAuthPresent.
func noFactor(serial, code string) error {
	if serial == "" && code == "" {
		return nil
	}
	return larder.Errorf(larder.Denied, "MultiFactorAuthentication failed with invalid MFA one time pass code.")
}

func (p *Plane) getSessionToken(ctx context.Context, in *sts.GetSessionTokenInput) (*sts.GetSessionTokenOutput, error) {
	if err := noFactor(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	c, err := p.Identity.SessionToken(ctx, time.Duration(in.DurationSeconds)*time.Second)
	if err != nil {
		return nil, err
	}
	note(ctx, c, nil)
	return &sts.GetSessionTokenOutput{Credentials: credentials(c)}, nil
}

func (p *Plane) assumeRole(ctx context.Context, in *sts.AssumeRoleInput) (*sts.AssumeRoleOutput, error) {
	if err := noFactor(in.SerialNumber, in.TokenCode); err != nil {
		return nil, err
	}
	if len(in.ProvidedContexts) > 0 {
		return nil, larder.Errorf(larder.Invalid, "There is no provider of contexts here, so ProvidedContexts cannot be given.")
	}
	a := identity.Assumption{
		Role: in.RoleArn, Session: in.RoleSessionName, Duration: time.Duration(in.DurationSeconds) * time.Second,
		Policy: in.Policy, PolicyARNs: policyARNs(in.PolicyArns), TransitiveKeys: in.TransitiveTagKeys,
		SourceIdentity: in.SourceIdentity, ExternalID: in.ExternalId,
	}
	for _, t := range in.Tags {
		a.Tags = append(a.Tags, identity.Tag(t))
	}
	got, err := p.Identity.AssumeRole(ctx, a)
	if err != nil {
		return nil, err
	}
	user := assumed(got)
	note(ctx, got.Credentials, user)
	return &sts.AssumeRoleOutput{
		AssumedRoleUser: user, Credentials: credentials(got.Credentials),
		SourceIdentity: got.SourceIdentity, PackedPolicySize: got.Packed,
	}, nil
}

func policyARNs(all []sts.PolicyDescriptorType) (arns []string) {
	for _, p := range all {
		arns = append(arns, p.Arn)
	}
	return arns
}

func assumed(a identity.Assumed) *sts.AssumedRoleUser {
	return &sts.AssumedRoleUser{AssumedRoleId: a.ID, Arn: a.ARN}
}

func credentials(c identity.Credentials) *sts.Credentials {
	return &sts.Credentials{AccessKeyId: c.KeyID, SecretAccessKey: c.Secret, SessionToken: c.Token, Expiration: c.ExpiresAt}
}

// note leaves a trail from who asked to the key that he got, without what is
// secret of it.
func note(ctx context.Context, c identity.Credentials, user *sts.AssumedRoleUser) {
	type key struct {
		AccessKeyID string `json:"accessKeyId"`
		Expiration  string `json:"expiration"`
	}
	type who struct {
		ID  string `json:"assumedRoleId"`
		ARN string `json:"arn"`
	}
	var response struct {
		Credentials key  `json:"credentials"`
		User        *who `json:"assumedRoleUser,omitempty"`
	}
	response.Credentials = key{c.KeyID, c.ExpiresAt.UTC().Format(time.RFC3339)}
	if user != nil {
		response.User = &who{user.AssumedRoleId, user.Arn}
	}
	audit.From(ctx).Response = response
}
