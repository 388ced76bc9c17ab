package identity

import (
	"context"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

const attachedPerEntity = 10

// AttachPolicy attaches a managed policy to an entity; again is fine.
func (s *Service) AttachPolicy(ctx context.Context, ref EntityRef, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		ok, err := attachable(ctx, tx, e.Account, arn)
		if err != nil {
			return err
		}
		if !ok {
			return fault(larder.NotFound, codeNoSuchEntity, "Policy %s does not exist or is not attachable.", arn)
		}
		attached, err := tx.Attachments(ctx, e.ID)
		if err != nil {
			return err
		}
		for _, a := range attached {
			if a.ARN == arn {
				return nil
			}
		}
		if len(attached) >= attachedPerEntity {
			return overQuota("PoliciesPer"+title(e.Kind), attachedPerEntity)
		}
		return tx.Attach(ctx, meta.Attachment{Entity: e.ID, ARN: arn})
	})
}

// attachable reports whether an account has a managed policy: AWS's, or one
// of its own.
func attachable(ctx context.Context, tx *meta.Tx, account, arn string) (bool, error) {
	if _, ok := awsPolicy(arn); ok {
		return true, nil
	}
	p, ok, err := tx.Policy(ctx, arn)
	return ok && p.Account == account, err
}

// DetachPolicy detaches a managed policy.
func (s *Service) DetachPolicy(ctx context.Context, ref EntityRef, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		ok, err := tx.Detach(ctx, meta.Attachment{Entity: e.ID, ARN: arn})
		if err == nil && !ok {
			return noPolicy(arn)
		}
		return err
	})
}

// AttachedPolicy is a managed policy on an entity.
type AttachedPolicy struct{ Name, ARN string }

// Key orders as [ManagedPolicy.Key] does.
func (a AttachedPolicy) Key() string {
	account, _, _ := strings.Cut(strings.TrimPrefix(a.ARN, "arn:aws:iam::"), ":")
	return policyKey(account, a.Name)
}

// AttachedPolicies returns an entity's managed policies whose path begins
// with prefix, in the order of their keys. An empty prefix is any.
func (s *Service) AttachedPolicies(ctx context.Context, ref EntityRef, prefix string) ([]AttachedPolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]AttachedPolicy, error) {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return nil, err
		}
		all, err := attachedPolicies(ctx, tx, e.ID)
		var below []AttachedPolicy
		for _, a := range all {
			if path, _ := policyPath(a.ARN); strings.HasPrefix(path, prefix) {
				below = append(below, a)
			}
		}
		return below, err
	})
}

func attachedPolicies(ctx context.Context, tx *meta.Tx, id string) (all []AttachedPolicy, err error) {
	rows, err := tx.Attachments(ctx, id)
	for _, a := range rows {
		_, name := policyPath(a.ARN)
		all = append(all, AttachedPolicy{Name: name, ARN: a.ARN})
	}
	slices.SortFunc(all, func(a, b AttachedPolicy) int { return strings.Compare(a.Key(), b.Key()) })
	return all, err
}
