package larder

import (
	"context"
	"slices"
	"strings"

	"larder.example/larder"
	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
)

// accountsPage is how many accounts a page has for who does not ask.
const accountsPage = 100

func (p *Plane) createAccount(ctx context.Context, in *api.CreateAccountInput) (*api.CreateAccountOutput, error) {
	a, key, secret, err := p.Identity.OpenAccount(ctx, in.AccountId)
	if err != nil {
		return nil, err
	}
	return &api.CreateAccountOutput{
		Account:   new(described(a)),
		AccessKey: &api.AccessKey{AccessKeyId: key.ID, SecretAccessKey: secret},
	}, nil
}

func (p *Plane) describeAccount(ctx context.Context, in *api.DescribeAccountInput) (*api.DescribeAccountOutput, error) {
	id := in.AccountId
	if id == "" {
		id = caller(ctx).Account
	}
	a, err := p.Identity.Account(ctx, id)
	return &api.DescribeAccountOutput{Account: new(described(a))}, err
}

// listAccounts seals its page tokens, as the other planes do, so that none can
// be made up.
func (p *Plane) listAccounts(ctx context.Context, in *api.ListAccountsInput) (*api.ListAccountsOutput, error) {
	const purpose = "ListAccounts"
	after, limit := "", in.MaxResults
	if limit == 0 {
		limit = accountsPage
	}
	if in.NextToken != "" {
		plain, err := p.Keys.UnsealString(p.now(), keyring.Marker, purpose, in.NextToken)
		if larder.Unavailable.Is(err) {
			return nil, err
		}
		if err != nil {
			return nil, &larder.Error{Kind: larder.Invalid, Message: "The nextToken is not one that this operation gave, or it is too old.", Err: err}
		}
		after = string(plain)
	}
	all, err := p.Identity.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(a identity.Account) bool { return a.ID <= after })
	slices.SortFunc(all, func(a, b identity.Account) int { return strings.Compare(a.ID, b.ID) })
	out := &api.ListAccountsOutput{Accounts: []api.Account{}}
	for _, a := range all[:min(limit, len(all))] {
		out.Accounts = append(out.Accounts, described(a))
	}
	if len(all) > limit {
		out.NextToken = p.Keys.SealString(keyring.Marker, purpose, []byte(all[limit-1].ID))
	}
	return out, nil
}

func described(a identity.Account) api.Account {
	return api.Account{AccountId: a.ID, Arn: a.ARN(), CreatedTime: a.CreatedAt, First: a.First}
}
