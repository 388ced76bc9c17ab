package larder

import (
	"context"

	"larder.example/larder"
	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/token"
)

// aToken asks about a token: of the caller's account, since no other one's is
// touched.
func aToken(p *Plane, ctx context.Context, in any) (larder.ARN, error) {
	revoke, _ := in.(*api.RevokeTokenInput)
	return p.arn(caller(ctx).Account, "token", revoke.TokenId), nil
}

func (p *Plane) revokeToken(ctx context.Context, in *api.RevokeTokenInput) (*api.RevokeTokenOutput, error) {
	id, ok := token.ParseAuditID(in.TokenId)
	if !ok {
		return nil, larder.Errorf(larder.Invalid, "%s is the ID of no token.", in.TokenId)
	}
	return &api.RevokeTokenOutput{TokenId: in.TokenId}, p.Identity.RevokeToken(ctx, caller(ctx).Account, id)
}

// anAccessKey asks about an access key of the caller's account.
func anAccessKey(p *Plane, ctx context.Context, in any) (larder.ARN, error) {
	revoke, _ := in.(*api.RevokeTokensOfAccessKeyInput)
	return p.arn(caller(ctx).Account, "access-key", revoke.AccessKeyId), nil
}

func (p *Plane) revokeTokensOfAccessKey(ctx context.Context, in *api.RevokeTokensOfAccessKeyInput) (*api.RevokeTokensOfAccessKeyOutput, error) {
	at := p.now()
	err := p.Identity.RevokeTokensOfAccessKey(ctx, caller(ctx).Account, in.AccessKeyId)
	return &api.RevokeTokensOfAccessKeyOutput{AccessKeyId: in.AccessKeyId, RevokedAt: at}, err
}
