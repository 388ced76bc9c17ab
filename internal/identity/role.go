package identity

import (
	"context"
	"time"

	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

const (
	trustSize         = 2048 // characters of a trust policy, white space aside
	defaultMaxSession = time.Hour
)

// checkRole refuses a role whose trust policy means nothing or trusts
// strangers, and fills in how long its sessions may live.
func (s *Service) checkRole(ctx context.Context, e *Entity) error {
	if e.MaxSession == 0 {
		e.MaxSession = defaultMaxSession
	}
	return s.checkTrust(ctx, e.EntityRef, e.Trust)
}

func (s *Service) checkTrust(ctx context.Context, ref EntityRef, document string) error {
	if _, err := policy.Parse(policy.Trust, []byte(document)); err != nil {
		return err
	}
	if weight(document) > trustSize {
		return overQuota("ACLSizePerRole", trustSize)
	}
	err := checkSharedIssuers(document)
	if err != nil && s.allowSharedIssuers {
		s.log.WarnContext(ctx, "a role trusts strangers", "account", ref.Account, "role", ref.Name, "err", err)
		return nil
	}
	return err
}

// SetTrust puts a trust policy in the place of a role's.
func (s *Service) SetTrust(ctx context.Context, ref EntityRef, document string) error {
	if err := s.checkTrust(ctx, ref, document); err != nil {
		return err
	}
	return s.amend(ctx, ref, func(ctx context.Context, tx *meta.Tx, e *meta.Entity) (err error) {
		e.Trust, err = resolveDocument(ctx, tx, document)
		return err
	})
}

// DescribeRole gives a role another description, unless it is nil, and
// another length of sessions, unless it is 0.
func (s *Service) DescribeRole(ctx context.Context, ref EntityRef, description *string, maxSession time.Duration) error {
	return s.amend(ctx, ref, func(_ context.Context, _ *meta.Tx, e *meta.Entity) error {
		if description != nil {
			e.Description = *description
		}
		if maxSession != 0 {
			e.MaxSession = maxSession
		}
		return nil
	})
}
