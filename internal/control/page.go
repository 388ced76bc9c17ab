package control

import (
	"encoding/json"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// Sizes of pages for who does not ask for one, as CodeArtifact's guide has
// them where it does.
const (
	packagesPage     = 100
	versionsPage     = 50
	repositoriesPage = 50
	otherPage        = 100
)

// pageKey is where a listing goes on: what was last on the page before. Each
// listing uses the fields that order it.
type pageKey struct {
	Format    string `json:"f,omitempty"`
	Namespace string `json:"s,omitempty"`
	Name      string `json:"n,omitempty"`
	Row       int64  `json:"r,omitempty"`
	Millis    int64  `json:"m,omitempty"`
}

// openPage returns where the page of a token begins. Tokens are sealed for
// the operation and what it lists, so that none can be made up or carried
// elsewhere.
func (p *Plane) openPage(operation, of, token string) (k pageKey, err error) {
	if token == "" {
		return k, nil
	}
	plain, err := p.Keys.UnsealString(p.now(), keyring.Marker, operation+" "+of, token)
	if larder.Unavailable.Is(err) {
		return k, err
	}
	if err == nil {
		err = json.Unmarshal(plain, &k)
	}
	if err != nil {
		return k, &larder.Error{Kind: larder.Invalid, Message: "The nextToken is not one that this operation gave for the same listing, or it is too old.", Err: err}
	}
	return k, nil
}

// closePage cuts a listing of which one more was read than the page holds,
// and returns the token of the next page, if there is one.
func closePage[T any](p *Plane, operation, of string, all []T, limit int, key func(T) pageKey) ([]T, string, error) {
	if len(all) <= limit {
		return all, "", nil
	}
	next, err := p.nextPage(operation, of, key(all[limit-1]))
	return all[:limit], next, err
}

// nextPage returns the token of a page that begins behind k.
func (p *Plane) nextPage(operation, of string, k pageKey) (string, error) {
	plain, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("make a page token: %w", err)
	}
	return p.Keys.SealString(keyring.Marker, operation+" "+of, plain), nil
}

// limitOr returns how many results a page has.
func limitOr(asked, otherwise int) int {
	if asked == 0 {
		return otherwise
	}
	return asked
}
