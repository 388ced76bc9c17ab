package iam

import (
	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

const defaultItems = 100

// page is one page of a listing.
type page[T any] struct {
	items  []T
	more   bool
	marker string
}

// list reads the page that a marker begins. Markers are sealed for the
// operation and what it lists. read returns up to limit items behind the one
// whose key is last.
func list[T any](p *Plane, operation, of, marker string, limit int, key func(T) string, read func(last string, limit int) ([]T, error)) (page[T], error) {
	if limit == 0 {
		limit = defaultItems
	}
	var last string
	if marker != "" {
		plain, err := p.Keys.UnsealString(p.now(), keyring.Marker, operation+" "+of, marker)
		if larder.Unavailable.Is(err) {
			return page[T]{}, err
		}
		if err != nil {
			return page[T]{}, &larder.Error{Kind: larder.Invalid, Message: "Invalid Marker.", Err: err}
		}
		last = string(plain)
	}
	items, err := read(last, limit+1)
	if err != nil || len(items) <= limit {
		return page[T]{items: items}, err
	}
	items = items[:limit]
	next := p.Keys.SealString(keyring.Marker, operation+" "+of, []byte(key(items[limit-1])))
	return page[T]{items: items, more: true, marker: next}, nil
}

// behind makes a read for list of something that is short enough to be read
// whole; all returns it in the order of its keys.
func behind[T any](all func() ([]T, error), key func(T) string) func(last string, limit int) ([]T, error) {
	return func(last string, limit int) ([]T, error) {
		items, err := all()
		if err != nil {
			return nil, err
		}
		i := 0
		for i < len(items) && last != "" && key(items[i]) <= last {
			i++
		}
		return items[i:min(len(items), i+limit)], nil
	}
}
