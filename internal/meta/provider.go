package meta

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Provider is an OpenID Connect provider that an account trusts.
type Provider struct {
	ARN, Account, URL      string
	ClientIDs, Thumbprints []string
	CreatedAt              time.Time
}

// InsertProvider makes a provider and reports whether the account had none of
// that ARN.
func (tx *Tx) InsertProvider(ctx context.Context, p Provider) (bool, error) {
	clients, thumbprints, err := p.lists()
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `
		INSERT INTO oidc_providers (arn, account, url, client_ids, thumbprints, created_ms) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (arn) DO NOTHING`, p.ARN, p.Account, p.URL, clients, thumbprints, millis(p.CreatedAt))
	return n > 0, err
}

// lists returns the JSON of the lists.
func (p *Provider) lists() (clients, thumbprints string, err error) {
	c, err := json.Marshal(p.ClientIDs)
	t, err2 := json.Marshal(p.Thumbprints)
	return string(c), string(t), errors.Join(err, err2)
}

const providerColumns = `arn, account, url, client_ids, thumbprints, created_ms`

func scanProvider(r interface{ Scan(...any) error }) (p Provider, err error) {
	var clients, thumbprints string
	var created int64
	if err := r.Scan(&p.ARN, &p.Account, &p.URL, &clients, &thumbprints, &created); err != nil {
		return p, err
	}
	p.CreatedAt = moment(created)
	return p, errors.Join(json.Unmarshal([]byte(clients), &p.ClientIDs), json.Unmarshal([]byte(thumbprints), &p.Thumbprints))
}

// Provider returns the provider of that ARN, and false if there is none.
func (tx *Tx) Provider(ctx context.Context, arn string) (Provider, bool, error) {
	return found(scanProvider(tx.q.QueryRowContext(ctx, `SELECT `+providerColumns+` FROM oidc_providers WHERE arn = $1`, arn)))
}

// Providers returns the providers of an account, by ARN.
func (tx *Tx) Providers(ctx context.Context, account string) ([]Provider, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Provider, error) { return scanProvider(r) }, `
		SELECT `+providerColumns+` FROM oidc_providers WHERE account = $1 ORDER BY arn`, account)
}

// UpdateProvider writes the lists of a provider.
func (tx *Tx) UpdateProvider(ctx context.Context, p Provider) error {
	clients, thumbprints, err := p.lists()
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE oidc_providers SET client_ids = $2, thumbprints = $3 WHERE arn = $1`, p.ARN, clients, thumbprints)
	return err
}

// DeleteProvider deletes a provider with its tags and reports whether there
// was one.
func (tx *Tx) DeleteProvider(ctx context.Context, arn string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM oidc_providers WHERE arn = $1`, arn)
	return n > 0, err
}

// SetProviderTag adds a tag or replaces its value.
func (tx *Tx) SetProviderTag(ctx context.Context, arn string, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO oidc_provider_tags (provider, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (provider, key) DO UPDATE SET value = excluded.value`, arn, t.Key, t.Value)
	return err
}

// DeleteProviderTag removes a tag; one that there is not is fine.
func (tx *Tx) DeleteProviderTag(ctx context.Context, arn, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM oidc_provider_tags WHERE provider = $1 AND key = $2`, arn, key)
	return err
}

// TagsOfProvider returns the tags of one provider, in order of their keys.
func (tx *Tx) TagsOfProvider(ctx context.Context, arn string) ([]Tag, error) {
	return collect(ctx, tx, scanTag, `SELECT key, value FROM oidc_provider_tags WHERE provider = $1 ORDER BY key`, arn)
}
