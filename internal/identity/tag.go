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

// SetTags is TagResource inside a change that has the resource's row: of a
// package group, its domain's.
func SetTags(ctx context.Context, tx *meta.Tx, on Guarded, id int64, tags []Tag) error {
	h := labelsOf(tx, on, id)
	for _, t := range tags {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return larder.Errorf(larder.Invalid, "Tag keys that begin with aws: are reserved.")
		}
		if err := h.set(ctx, t); err != nil {
			return err
		}
	}
	all, err := h.all(ctx)
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
		h := labelsOf(tx, on, id)
		for _, key := range keys {
			if err := h.remove(ctx, key); err != nil {
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
		return labelsOf(tx, on, id).all(ctx)
	})
}

// guardedRow returns the row of a resource: of a package group, its domain's.
func guardedRow(ctx context.Context, tx *meta.Tx, on Guarded) (int64, error) {
	if on.Pattern != "" {
		g, err := tx.PackageGroup(ctx, on.group())
		return g.Domain, err
	}
	id, _, err := readPolicy(ctx, tx, on)
	return id, err
}

// labels are the tags of one resource in a transaction.
type labels struct {
	all    func(ctx context.Context) ([]Tag, error)
	set    func(ctx context.Context, t Tag) error
	remove func(ctx context.Context, key string) error
}

func labelsOf(tx *meta.Tx, on Guarded, id int64) labels {
	switch {
	case on.Pattern != "":
		return labels{
			func(ctx context.Context) ([]Tag, error) { return tx.PackageGroupTags(ctx, id, on.Pattern) },
			func(ctx context.Context, t Tag) error { return tx.SetPackageGroupTag(ctx, id, on.Pattern, t) },
			func(ctx context.Context, key string) error { return tx.DeletePackageGroupTag(ctx, id, on.Pattern, key) },
		}
	case on.Repository != "":
		return labels{
			func(ctx context.Context) ([]Tag, error) { return tx.RepositoryTags(ctx, id) },
			func(ctx context.Context, t Tag) error { return tx.SetRepositoryTag(ctx, id, t) },
			func(ctx context.Context, key string) error { return tx.DeleteRepositoryTag(ctx, id, key) },
		}
	}
	return labels{
		func(ctx context.Context) ([]Tag, error) { return tx.DomainTags(ctx, id) },
		func(ctx context.Context, t Tag) error { return tx.SetDomainTag(ctx, id, t) },
		func(ctx context.Context, key string) error { return tx.DeleteDomainTag(ctx, id, key) },
	}
}
