package identity

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

const tagsPerResource = 50

// Tag is a tag of a resource.
type Tag = meta.Tag

// TagResource adds tags, or replaces their values. Tags decide:
// aws:ResourceTag reads them.
func (s *Service) TagResource(ctx context.Context, on Guarded, tags []Tag) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		id, err := guardedRow(ctx, tx, on)
		if err != nil {
			return err
		}
		return SetTags(ctx, tx, on, id, tags)
	})
}

// SetTags is TagResource inside a change that has the resource's row.
func SetTags(ctx context.Context, tx *meta.Tx, on Guarded, id int64, tags []Tag) error {
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return larder.Errorf(larder.Invalid, "Tag keys that begin with aws: are reserved.")
		}
		set := tx.SetDomainTag
		if on.Repository != "" {
			set = tx.SetRepositoryTag
		}
		if err := set(ctx, id, t); err != nil {
			return err
		}
	}
	all, err := rowTags(ctx, tx, on, id)
	if err == nil && len(all) > tagsPerResource {
		kind, name := on.kind()
		return &larder.Error{Kind: larder.OverQuota, Resource: kind, ID: name, Message: "A resource has at most 50 tags."}
	}
	return err
}

// UntagResource removes tags; keys that there are not are fine.
func (s *Service) UntagResource(ctx context.Context, on Guarded, keys []string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		id, err := guardedRow(ctx, tx, on)
		if err != nil {
			return err
		}
		remove := tx.DeleteDomainTag
		if on.Repository != "" {
			remove = tx.DeleteRepositoryTag
		}
		for _, key := range keys {
			if err := remove(ctx, id, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// Tags returns the tags of a resource, in order of their keys.
func (s *Service) Tags(ctx context.Context, on Guarded) ([]Tag, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]Tag, error) {
		id, err := guardedRow(ctx, tx, on)
		if err != nil {
			return nil, err
		}
		return rowTags(ctx, tx, on, id)
	})
}

func guardedRow(ctx context.Context, tx *meta.Tx, on Guarded) (int64, error) {
	id, _, err := readPolicy(ctx, tx, on)
	return id, err
}

func rowTags(ctx context.Context, tx *meta.Tx, on Guarded, id int64) ([]Tag, error) {
	if on.Repository == "" {
		return tx.DomainTags(ctx, id)
	}
	return tx.RepositoryTags(ctx, id)
}
