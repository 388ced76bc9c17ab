package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

const versionsPerPolicy = 5

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	Version   int
	Default   bool
	Document  string
	CreatedAt time.Time
}

// VersionID returns IAM's name for a version: v1, v2 ...
func VersionID(n int) string { return "v" + strconv.Itoa(n) }

// CreatePolicyVersion adds a version to a managed policy.
func (s *Service) CreatePolicyVersion(ctx context.Context, arn, document string, asDefault bool) (v PolicyVersion, err error) {
	if err := checkManagedDocument(document); err != nil {
		return v, err
	}
	now := s.now().UTC().Truncate(time.Second)
	err = s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := ownPolicy(ctx, tx, arn)
		if err != nil {
			return err
		}
		versions, err := tx.PolicyVersions(ctx, p.ID)
		if err != nil {
			return err
		}
		if len(versions) >= versionsPerPolicy {
			return fault(larder.Conflict, codeLimit, "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", versionsPerPolicy)
		}
		p.NewestVersion++
		p.UpdatedAt = now
		if asDefault {
			p.DefaultVersion = p.NewestVersion
		}
		v = PolicyVersion{Version: p.NewestVersion, Default: asDefault, Document: document, CreatedAt: now}
		if err := tx.UpdatePolicy(ctx, p); err != nil {
			return err
		}
		return tx.InsertPolicyVersion(ctx, meta.PolicyVersion{Policy: p.ID, Version: v.Version, Document: document, CreatedAt: now})
	})
	return v, err
}

// PolicyVersions returns the versions of a managed policy, the newest first.
func (s *Service) PolicyVersions(ctx context.Context, arn string) ([]PolicyVersion, error) {
	if document, ok := managedDocument(arn); ok {
		return []PolicyVersion{{Version: 1, Default: true, Document: document, CreatedAt: awsPolicyDate()}}, nil
	}
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]PolicyVersion, error) {
		p, err := ownPolicy(ctx, tx, arn)
		if err != nil {
			return nil, err
		}
		return policyVersions(ctx, tx, p)
	})
}

func policyVersions(ctx context.Context, tx *meta.Tx, p meta.Policy) (all []PolicyVersion, err error) {
	rows, err := tx.PolicyVersions(ctx, p.ID)
	for _, v := range rows {
		all = append(all, PolicyVersion{Version: v.Version, Default: v.Version == p.DefaultVersion, Document: v.Document, CreatedAt: v.CreatedAt})
	}
	return all, err
}

// PolicyVersion returns one version of a managed policy.
func (s *Service) PolicyVersion(ctx context.Context, arn, id string) (PolicyVersion, error) {
	all, err := s.PolicyVersions(ctx, arn)
	if err != nil {
		return PolicyVersion{}, err
	}
	return pickVersion(all, arn, id)
}

func pickVersion(all []PolicyVersion, arn, id string) (PolicyVersion, error) {
	i := slices.IndexFunc(all, func(v PolicyVersion) bool { return VersionID(v.Version) == strings.ToLower(id) })
	if i < 0 {
		return PolicyVersion{}, fault(larder.NotFound, codeNoSuchEntity, "Policy %s version %s does not exist or is not attachable.", arn, id)
	}
	return all[i], nil
}

// SetDefaultPolicyVersion makes a version the one in force. The policy's date
// stays that of its newest version.
func (s *Service) SetDefaultPolicyVersion(ctx context.Context, arn, id string) error {
	return s.version(ctx, arn, id, func(ctx context.Context, tx *meta.Tx, p meta.Policy, v PolicyVersion) error {
		p.DefaultVersion = v.Version
		return tx.UpdatePolicy(ctx, p)
	})
}

// DeletePolicyVersion deletes a version that is not the one in force.
func (s *Service) DeletePolicyVersion(ctx context.Context, arn, id string) error {
	return s.version(ctx, arn, id, func(ctx context.Context, tx *meta.Tx, p meta.Policy, v PolicyVersion) error {
		if v.Default {
			return fault(larder.Conflict, codeDelete, "Cannot delete the default version of a policy.")
		}
		return tx.DeletePolicyVersion(ctx, p.ID, v.Version)
	})
}

func (s *Service) version(ctx context.Context, arn, id string, fn func(context.Context, *meta.Tx, meta.Policy, PolicyVersion) error) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := ownPolicy(ctx, tx, arn)
		if err != nil {
			return err
		}
		all, err := policyVersions(ctx, tx, p)
		if err != nil {
			return err
		}
		v, err := pickVersion(all, arn, id)
		if err != nil {
			return err
		}
		return fn(ctx, tx, p, v)
	})
}
