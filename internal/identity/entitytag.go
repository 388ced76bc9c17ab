package identity

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// tagHolder is what holds tags in a transaction: an entity, a managed policy or
// a provider.
type tagHolder struct {
	id     string
	quota  string // what IAM calls the limit
	all    func(ctx context.Context, id string) ([]Tag, error)
	set    func(ctx context.Context, id string, t Tag) error
	remove func(ctx context.Context, id, key string) error
}

// finds returns what holds tags, or fails if it is not there.
type finds func(context.Context, *meta.Tx) (tagHolder, error)

func (ref EntityRef) tagHolder(ctx context.Context, tx *meta.Tx) (tagHolder, error) {
	e, err := entity(ctx, tx, ref)
	return tagHolder{e.ID, "TagsPer" + title(ref.Kind), tx.EntityTags, tx.SetEntityTag, tx.DeleteEntityTag}, err
}

// TagEntity adds tags to a user or a role, or replaces their values.
func (s *Service) TagEntity(ctx context.Context, ref EntityRef, tags []Tag) error {
	return s.tag(ctx, ref.tagHolder, tags)
}

// UntagEntity removes tags; keys that there are not are fine.
func (s *Service) UntagEntity(ctx context.Context, ref EntityRef, keys []string) error {
	return s.untag(ctx, ref.tagHolder, keys)
}

// EntityTags returns the tags of a user or a role, in order of their keys.
func (s *Service) EntityTags(ctx context.Context, ref EntityRef) ([]Tag, error) {
	return s.tagsOf(ctx, ref.tagHolder)
}

// tag adds tags. A key that differs in case alone from one that is there
// takes its place: IAM keeps the case of keys but does not tell them apart by
// it.
func (s *Service) tag(ctx context.Context, find finds, tags []Tag) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		on, err := find(ctx, tx)
		if err != nil {
			return err
		}
		before, err := on.all(ctx, on.id)
		if err != nil {
			return err
		}
		n := len(before)
		for _, t := range tags {
			n++
			for _, b := range before {
				if !strings.EqualFold(b.Key, t.Key) {
					continue
				}
				n--
				if err := on.remove(ctx, on.id, b.Key); err != nil {
					return err
				}
			}
			if err := on.set(ctx, on.id, t); err != nil {
				return err
			}
		}
		if n > tagsPerResource {
			return overQuota(on.quota, tagsPerResource)
		}
		return nil
	})
}

func (s *Service) untag(ctx context.Context, find finds, keys []string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		on, err := find(ctx, tx)
		if err != nil {
			return err
		}
		all, err := on.all(ctx, on.id)
		if err != nil {
			return err
		}
		for _, t := range all {
			for _, key := range keys {
				if !strings.EqualFold(t.Key, key) {
					continue
				}
				if err := on.remove(ctx, on.id, t.Key); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (s *Service) tagsOf(ctx context.Context, find finds) ([]Tag, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]Tag, error) {
		on, err := find(ctx, tx)
		if err != nil {
			return nil, err
		}
		return on.all(ctx, on.id)
	})
}

// checkTags refuses the tags that IAM refuses whatever they are put on.
func checkTags(tags []Tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		folded := strings.ToLower(t.Key)
		if seen[folded] {
			return fault(larder.Invalid, codeInvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(folded, "aws:") {
			return fault(larder.Invalid, codeInvalidInput, "Tag keys that begin with aws: are reserved.")
		}
		seen[folded] = true
	}
	return nil
}
