package identity

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

const managedSize = 6144 // characters of a document, white space aside

// ManagedPolicy is a managed policy: AWS's, which nobody changes, or an
// account's own. Tags are filled in by those who say so.
type ManagedPolicy struct {
	ID, Account, Name, Path string // Account is "aws" for AWS's
	Description             string
	DefaultVersion          int
	CreatedAt, UpdatedAt    time.Time
	Tags                    []Tag

	// How many entities of the asking account have it attached, and how many
	// for their boundary.
	Attached, Bounding int
}

// ARN returns the policy's ARN.
func (p ManagedPolicy) ARN() string {
	return "arn:aws:iam::" + p.Account + ":policy" + p.Path + p.Name
}

// Key orders policies by name, AWS's behind one of the account's own that has
// the same. It is short enough for a marker, which an ARN is not.
func (p ManagedPolicy) Key() string { return policyKey(p.Account, p.Name) }

func policyKey(account, name string) string { return strings.ToLower(name) + " " + account }

func policyOf(p meta.Policy) ManagedPolicy {
	return ManagedPolicy{
		ID: p.ID, Account: p.Account, Name: p.Name, Path: p.Path, Description: p.Description,
		DefaultVersion: p.DefaultVersion, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
	}
}

// checkPolicyARN refuses what is no ARN of a managed policy, AWS's or an
// account's own.
func checkPolicyARN(arn string) error {
	rest, _ := strings.CutPrefix(arn, "arn:aws:iam::")
	owner, name, ok := strings.Cut(rest, ":policy/")
	if !ok || name == "" || owner != awsAccount && !isAccount(owner) {
		return fault(larder.Invalid, codeInvalidInput, "ARN %s is not valid.", arn)
	}
	return nil
}

// policyPath returns the path and the name in the ARN of a managed policy.
func policyPath(arn string) (path, name string) {
	_, path, _ = strings.Cut(arn, ":policy")
	i := strings.LastIndexByte(path, '/') + 1
	return path[:i], path[i:]
}

func noPolicy(arn string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "Policy %s was not found.", arn)
}

func checkManagedDocument(document string) error {
	if _, err := policy.Parse(policy.Identity, []byte(document)); err != nil {
		return err
	}
	if weight(document) > managedSize {
		return overQuota("PolicySize", managedSize)
	}
	return nil
}

// CreatePolicy makes a managed policy of an account with its first version.
// Of p, the account, name, path, description and tags count.
func (s *Service) CreatePolicy(ctx context.Context, p ManagedPolicy, document string) (ManagedPolicy, error) {
	if err := checkManagedDocument(document); err != nil {
		return ManagedPolicy{}, err
	}
	if err := checkTags(p.Tags); err != nil {
		return ManagedPolicy{}, err
	}
	var err error
	if p.ID, err = s.newUniqueID(policyPrefix); err != nil {
		return ManagedPolicy{}, err
	}
	if p.Path == "" {
		p.Path = "/"
	}
	now := s.now().UTC().Truncate(time.Second)
	p.DefaultVersion, p.CreatedAt, p.UpdatedAt = 1, now, now
	return p, s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		free, err := tx.InsertPolicy(ctx, meta.Policy{
			ID: p.ID, Account: p.Account, Name: p.Name, Path: p.Path, ARN: p.ARN(), Description: p.Description,
			DefaultVersion: 1, NewestVersion: 1, CreatedAt: now, UpdatedAt: now,
		})
		if err != nil {
			return err
		}
		if !free {
			return fault(larder.Conflict, codeEntityExists, "A policy called %s already exists. Duplicate names are not allowed.", p.Name)
		}
		for _, t := range p.Tags {
			if err := tx.SetPolicyTag(ctx, p.ID, t); err != nil {
				return err
			}
		}
		return tx.InsertPolicyVersion(ctx, meta.PolicyVersion{Policy: p.ID, Version: 1, Document: document, CreatedAt: now})
	})
}

// ownPolicy returns the row of an account's own policy in a transaction.
func ownPolicy(ctx context.Context, tx *meta.Tx, arn string) (meta.Policy, error) {
	if err := checkPolicyARN(arn); err != nil {
		return meta.Policy{}, err
	}
	p, ok, err := tx.Policy(ctx, arn)
	if err == nil && !ok {
		err = noPolicy(arn)
	}
	return p, err
}

// Policy returns a managed policy as an account sees it, with its tags.
func (s *Service) Policy(ctx context.Context, account, arn string) (ManagedPolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (p ManagedPolicy, err error) {
		if aws, ok := s.awsManagedPolicy(arn); ok {
			p = aws
		} else {
			row, err := ownPolicy(ctx, tx, arn)
			if err != nil {
				return p, err
			}
			p = policyOf(row)
			if p.Tags, err = tx.PolicyTags(ctx, row.ID); err != nil {
				return p, err
			}
		}
		p.Attached, p.Bounding, err = tx.CountAttachments(ctx, account, arn)
		return p, err
	})
}

// PolicyQuery asks for managed policies.
type PolicyQuery struct {
	Account, PathPrefix     string
	AWS, Local              bool // whose
	OnlyAttached            bool
	Permissions, Boundaries bool   // OnlyAttached: in which ways
	After                   string // the key behind which the page begins
	Limit                   int
}

// Policies returns a page of managed policies, in the order of their keys.
func (s *Service) Policies(ctx context.Context, q PolicyQuery) ([]ManagedPolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]ManagedPolicy, error) {
		var page []ManagedPolicy
		for len(page) < q.Limit {
			some, err := s.somePolicies(ctx, tx, q)
			if err != nil || len(some) == 0 {
				return page, err
			}
			q.After = some[len(some)-1].Key()
			for _, p := range some {
				if p.Attached, p.Bounding, err = tx.CountAttachments(ctx, q.Account, p.ARN()); err != nil {
					return nil, err
				}
				if q.wants(p) && len(page) < q.Limit {
					page = append(page, p)
				}
			}
		}
		return page, nil
	})
}

func (q *PolicyQuery) wants(p ManagedPolicy) bool {
	return !q.OnlyAttached || q.Permissions && p.Attached > 0 || q.Boundaries && p.Bounding > 0
}

// somePolicies returns at least one policy behind q.After, if there is one.
func (s *Service) somePolicies(ctx context.Context, tx *meta.Tx, q PolicyQuery) ([]ManagedPolicy, error) {
	var some []ManagedPolicy
	if q.Local {
		last, _, _ := strings.Cut(q.After, " ")
		rows, err := tx.Policies(ctx, q.Account, q.PathPrefix, last, q.Limit)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			some = append(some, policyOf(row))
		}
	}
	if q.AWS && strings.HasPrefix("/", q.PathPrefix) {
		for _, p := range managed {
			if aws, ok := s.awsManagedPolicy(awsPolicies + p.name); ok && aws.Key() > q.After {
				some = append(some, aws)
			}
		}
	}
	slices.SortFunc(some, func(a, b ManagedPolicy) int { return cmp.Compare(a.Key(), b.Key()) })
	return some[:min(len(some), q.Limit)], nil
}

// awsManagedPolicy returns a policy of AWS's as if it had been made with the
// program.
func (s *Service) awsManagedPolicy(arn string) (ManagedPolicy, bool) {
	p, ok := awsPolicy(arn)
	return ManagedPolicy{
		ID: p.id, Account: awsAccount, Name: p.name, Path: "/", DefaultVersion: 1,
		CreatedAt: awsPolicyDate(), UpdatedAt: awsPolicyDate(),
	}, ok
}

// DeletePolicy deletes a policy that nobody has and that has one version.
func (s *Service) DeletePolicy(ctx context.Context, arn string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := ownPolicy(ctx, tx, arn)
		if err != nil {
			return err
		}
		attached, bounding, err := tx.CountAttachments(ctx, p.Account, arn)
		if err != nil {
			return err
		}
		versions, err := tx.PolicyVersions(ctx, p.ID)
		switch {
		case err != nil:
			return err
		case attached+bounding > 0:
			return fault(larder.Conflict, codeDelete, "Cannot delete a policy attached to entities.")
		case len(versions) > 1:
			return fault(larder.Conflict, codeDelete, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
		}
		return tx.DeletePolicy(ctx, p.ID)
	})
}

// taggedPolicy finds what holds the tags of a managed policy.
func taggedPolicy(arn string) finds {
	return func(ctx context.Context, tx *meta.Tx) (tagHolder, error) {
		if _, ok := awsPolicy(arn); ok {
			return tagHolder{all: func(context.Context, string) ([]Tag, error) { return nil, nil }}, nil
		}
		p, err := ownPolicy(ctx, tx, arn)
		return tagHolder{p.ID, "TagsPerPolicy", tx.PolicyTags, tx.SetPolicyTag, tx.DeletePolicyTag}, err
	}
}

// TagPolicy adds tags to a managed policy, or replaces their values.
func (s *Service) TagPolicy(ctx context.Context, arn string, tags []Tag) error {
	return s.tag(ctx, taggedPolicy(arn), tags)
}

// UntagPolicy removes tags; keys that there are not are fine.
func (s *Service) UntagPolicy(ctx context.Context, arn string, keys []string) error {
	return s.untag(ctx, taggedPolicy(arn), keys)
}

// PolicyTags returns the tags of a managed policy, in order of their keys.
func (s *Service) PolicyTags(ctx context.Context, arn string) ([]Tag, error) {
	return s.tagsOf(ctx, taggedPolicy(arn))
}

// PolicyEntityQuery asks for the entities that have a managed policy.
type PolicyEntityQuery struct {
	Account, ARN            string
	Permissions, Boundaries bool // in which ways they may have it
	Kind                    Kind // empty: any
	PathPrefix              string
	After                   EntityRef // the one behind which the page begins
	Limit                   int
}

// PolicyEntities returns a page of the entities of an account that have a
// managed policy, groups before roles before users and each by name.
func (s *Service) PolicyEntities(ctx context.Context, q PolicyEntityQuery) ([]Entity, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]Entity, error) {
		if _, ok := awsPolicy(q.ARN); !ok {
			if _, err := ownPolicy(ctx, tx, q.ARN); err != nil {
				return nil, err
			}
		}
		rows, err := tx.PolicyEntities(ctx, meta.PolicyEntityQuery{
			Account: q.Account, ARN: q.ARN, Attached: q.Permissions, Boundary: q.Boundaries, Kind: q.Kind,
			PathPrefix: q.PathPrefix, Last: meta.Entity{Kind: q.After.Kind, Name: q.After.Name}, Limit: q.Limit,
		})
		var all []Entity
		for _, row := range rows {
			all = append(all, entityOf(row))
		}
		return all, err
	})
}
