package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
)

func (p *Plane) createAccountAlias(ctx context.Context, in *iam.CreateAccountAliasInput) (*iam.CreateAccountAliasOutput, error) {
	return &iam.CreateAccountAliasOutput{}, p.Identity.SetAlias(ctx, caller(ctx).Account, in.AccountAlias)
}

func (p *Plane) listAccountAliases(ctx context.Context, in *iam.ListAccountAliasesInput) (*iam.ListAccountAliasesOutput, error) {
	name := func(alias string) string { return alias }
	account := caller(ctx).Account
	aliases, err := list(p, iam.ListAccountAliases.Name, account, in.Marker, in.MaxItems, name,
		behind(func() ([]string, error) { return p.Identity.Aliases(ctx, account) }, name))
	if err != nil {
		return nil, err
	}
	return &iam.ListAccountAliasesOutput{AccountAliases: aliases.items, IsTruncated: aliases.more, Marker: aliases.marker}, nil
}

func (p *Plane) deleteAccountAlias(ctx context.Context, in *iam.DeleteAccountAliasInput) (*iam.DeleteAccountAliasOutput, error) {
	return &iam.DeleteAccountAliasOutput{}, p.Identity.DeleteAlias(ctx, caller(ctx).Account, in.AccountAlias)
}
