package identity

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// SetBoundary puts a managed policy over a user or a role as what it may do
// at most. An empty arn takes the boundary away; that there was none is fine.
func (s *Service) SetBoundary(ctx context.Context, ref EntityRef, arn string) error {
	return s.amend(ctx, ref, func(ctx context.Context, tx *meta.Tx, e *meta.Entity) error {
		e.Boundary = arn
		return checkBoundary(ctx, tx, ref.Account, arn)
	})
}

// checkBoundary refuses an ARN of no managed policy of ours or the account's.
func checkBoundary(ctx context.Context, tx *meta.Tx, account, arn string) error {
	if arn == "" {
		return nil
	}
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	ok, err := attachable(ctx, tx, account, arn)
	if err == nil && !ok {
		return fault(larder.NotFound, codeNoSuchEntity, "Scope ARN: %s does not exist or is not attachable.", arn)
	}
	return err
}
