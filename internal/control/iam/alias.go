package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
)

func (p *Plane) createAccountAlias(ctx context.Context, in *iam.CreateAccountAliasInput) (*iam.CreateAccountAliasOutput, error) {
	return &iam.CreateAccountAliasOutput{}, p.Identity.SetAlias(ctx, caller(ctx).Account, in.AccountAlias)
}

// listAccountAliases has one page: an account has one alias at most.
func (p *Plane) listAccountAliases(ctx context.Context, _ *iam.ListAccountAliasesInput) (*iam.ListAccountAliasesOutput, error) {
	aliases, err := p.Identity.Aliases(ctx, caller(ctx).Account)
	return &iam.ListAccountAliasesOutput{AccountAliases: aliases}, err
}

func (p *Plane) deleteAccountAlias(ctx context.Context, in *iam.DeleteAccountAliasInput) (*iam.DeleteAccountAliasOutput, error) {
	return &iam.DeleteAccountAliasOutput{}, p.Identity.DeleteAlias(ctx, caller(ctx).Account, in.AccountAlias)
}
