package identity

import (
	"context"
	"unicode"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

const (
	inlinePerUser    = 2048 // characters of all inline policies, white space aside
	attachedPerUser  = 10
	everyInlineLimit = 1 << 20
)

// PutUserPolicy adds or replaces an inline policy.
func (s *Service) PutUserPolicy(ctx context.Context, account, name, policyName, document string) error {
	if _, err := policy.Parse(policy.Identity, []byte(document)); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		all, err := tx.InlinePolicies(ctx, e.ID, "", everyInlineLimit)
		if err != nil {
			return err
		}
		size := weight(document)
		for _, p := range all {
			if p.Name != policyName {
				size += weight(p.Document)
			}
		}
		if size > inlinePerUser {
			return fault(larder.Conflict, codeLimit, "Maximum policy size of %d bytes exceeded for user %s", inlinePerUser, e.Name)
		}
		return tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: e.ID, Name: policyName, Document: document})
	})
}

// weight is how much of a quota a document takes: white space is free.
func weight(document string) (n int) {
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// UserPolicy returns the document of an inline policy.
func (s *Service) UserPolicy(ctx context.Context, account, name, policyName string) (u User, document string, err error) {
	err = s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		p, ok, err := tx.InlinePolicy(ctx, e.ID, policyName)
		if err == nil && !ok {
			return noUserPolicy(policyName)
		}
		u, document = userOf(e), p.Document
		return err
	})
	return u, document, err
}

func noUserPolicy(name string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "The user policy with name %s cannot be found.", name)
}

// UserPolicies returns a page of the names of a user's inline policies.
func (s *Service) UserPolicies(ctx context.Context, account, name, after string, limit int) ([]string, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (names []string, err error) {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return nil, err
		}
		page, err := tx.InlinePolicies(ctx, e.ID, after, limit)
		for _, p := range page {
			names = append(names, p.Name)
		}
		return names, err
	})
}

// DeleteUserPolicy deletes an inline policy.
func (s *Service) DeleteUserPolicy(ctx context.Context, account, name, policyName string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		ok, err := tx.DeleteInlinePolicy(ctx, e.ID, policyName)
		if err == nil && !ok {
			return noUserPolicy(policyName)
		}
		return err
	})
}

// AttachUserPolicy attaches a managed policy; again is fine.
func (s *Service) AttachUserPolicy(ctx context.Context, account, name, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	if _, ok := managedDocument(arn); !ok {
		return noPolicy(arn)
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		attached, err := tx.Attachments(ctx, e.ID, "", attachedPerUser+1)
		if err != nil {
			return err
		}
		for _, a := range attached {
			if a.ARN == arn {
				return nil
			}
		}
		if len(attached) >= attachedPerUser {
			return overQuota("PoliciesPerUser", attachedPerUser)
		}
		return tx.Attach(ctx, meta.Attachment{Entity: e.ID, ARN: arn})
	})
}

func noPolicy(arn string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "Policy %s does not exist or is not attachable.", arn)
}

// DetachUserPolicy detaches a managed policy.
func (s *Service) DetachUserPolicy(ctx context.Context, account, name, arn string) error {
	if err := checkPolicyARN(arn); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		ok, err := tx.Detach(ctx, meta.Attachment{Entity: e.ID, ARN: arn})
		if err == nil && !ok {
			return fault(larder.NotFound, codeNoSuchEntity, "Policy %s was not found.", arn)
		}
		return err
	})
}

// AttachedPolicy is a managed policy on a user.
type AttachedPolicy struct{ Name, ARN string }

// AttachedUserPolicies returns a page of a user's managed policies, by ARN.
// The ARN behind which it begins is after.
func (s *Service) AttachedUserPolicies(ctx context.Context, account, name, after string, limit int) ([]AttachedPolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (policies []AttachedPolicy, err error) {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return nil, err
		}
		page, err := tx.Attachments(ctx, e.ID, after, limit)
		for _, a := range page {
			policies = append(policies, AttachedPolicy{Name: policyName(a.ARN), ARN: a.ARN})
		}
		return policies, err
	})
}
