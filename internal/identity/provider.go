package identity

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

const (
	providersPerAccount    = 100
	clientIDsPerProvider   = 100
	thumbprintsPerProvider = 5
)

// Provider is an OpenID Connect provider that an account trusts. URL has no
// scheme, as IAM shows it. Thumbprints are kept and shown, and nothing is
// decided by them: AWS ignores them for issuers with certificates of public
// authorities too. Tags are filled in by those who say so.
type Provider struct {
	Account, URL           string
	ClientIDs, Thumbprints []string
	CreatedAt              time.Time
	Tags                   []Tag
}

// ARN returns the provider's ARN.
func (p Provider) ARN() string { return ProviderARN(p.Account, p.URL) }

// ProviderARN returns the ARN of the provider of an account for an issuer,
// whose URL may have its scheme.
func ProviderARN(account, issuer string) string {
	return "arn:aws:iam::" + account + ":oidc-provider/" + strings.TrimPrefix(issuer, "https://")
}

func providerOf(p meta.Provider) Provider {
	return Provider{Account: p.Account, URL: p.URL, ClientIDs: p.ClientIDs, Thumbprints: p.Thumbprints, CreatedAt: p.CreatedAt}
}

// checkIssuer refuses a URL that no issuer has: it is https, with a host and
// without a query. AWS refuses ports as well, but issuers in a house of one's
// own have them.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || strings.ContainsFunc(issuer, func(r rune) bool { return r <= ' ' || r > '~' }) || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(issuer, "#") {
		return fault(larder.Invalid, codeInvalidInput, "Invalid Open ID Connect Provider URL")
	}
	return nil
}

func checkClients(ids []string) error {
	if len(ids) > clientIDsPerProvider {
		return overQuota("ClientIdsPerOpenIdConnectProvider", clientIDsPerProvider)
	}
	return nil
}

func checkThumbprints(all []string) error {
	if len(all) > thumbprintsPerProvider {
		return fault(larder.Invalid, codeInvalidInput, "Thumbprint list must contain fewer than %d entries.", thumbprintsPerProvider)
	}
	for _, t := range all {
		if strings.ContainsFunc(t, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }) {
			return fault(larder.Invalid, codeInvalidInput, "The thumbprint %s is not 40 hexadecimal digits.", t)
		}
	}
	return nil
}

// unique returns the values, each once.
func unique(values []string) []string {
	var all []string
	for _, v := range values {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// CreateProvider makes a provider. Its URL comes with the scheme.
func (s *Service) CreateProvider(ctx context.Context, p Provider) (Provider, error) {
	if err := checkIssuer(p.URL); err != nil {
		return Provider{}, err
	}
	if err := checkThumbprints(p.Thumbprints); err != nil {
		return Provider{}, err
	}
	if err := checkTags(p.Tags); err != nil {
		return Provider{}, err
	}
	given := p.URL
	p.URL = strings.TrimPrefix(p.URL, "https://")
	p.ClientIDs, p.CreatedAt = unique(p.ClientIDs), s.now().UTC().Truncate(time.Second)
	if err := checkClients(p.ClientIDs); err != nil {
		return Provider{}, err
	}
	return p, s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		all, err := tx.Providers(ctx, p.Account)
		if err != nil {
			return err
		}
		free, err := tx.InsertProvider(ctx, meta.Provider{
			ARN: p.ARN(), Account: p.Account, URL: p.URL, ClientIDs: p.ClientIDs, Thumbprints: p.Thumbprints, CreatedAt: p.CreatedAt,
		})
		switch {
		case err != nil:
			return err
		case !free:
			return fault(larder.Conflict, codeEntityExists, "Provider with url %s already exists.", given)
		case len(all) >= providersPerAccount:
			return overQuota("OpenIdConnectProvidersPerAccount", providersPerAccount)
		}
		for _, t := range p.Tags {
			if err := tx.SetProviderTag(ctx, p.ARN(), t); err != nil {
				return err
			}
		}
		return nil
	})
}

// providerRow returns a provider's row in a transaction.
func providerRow(ctx context.Context, tx *meta.Tx, arn string) (meta.Provider, error) {
	p, ok, err := tx.Provider(ctx, arn)
	if err == nil && !ok {
		return p, noProvider(arn)
	}
	return p, err
}

func noProvider(arn string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "OpenIDConnect Provider not found for arn %s", arn)
}

// Provider returns a provider with its tags.
func (s *Service) Provider(ctx context.Context, arn string) (Provider, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (Provider, error) {
		row, err := providerRow(ctx, tx, arn)
		if err != nil {
			return Provider{}, err
		}
		p := providerOf(row)
		p.Tags, err = tx.TagsOfProvider(ctx, arn)
		return p, err
	})
}

// Providers returns the providers of an account, by ARN.
func (s *Service) Providers(ctx context.Context, account string) ([]Provider, error) {
	rows, err := s.db.Now().Providers(ctx, account)
	var all []Provider
	for _, row := range rows {
		all = append(all, providerOf(row))
	}
	return all, err
}

// AddClientID lets in tokens for another audience; again is fine.
func (s *Service) AddClientID(ctx context.Context, arn, id string) error {
	return s.amendProvider(ctx, arn, func(p *meta.Provider) error {
		p.ClientIDs = unique(append(p.ClientIDs, id))
		return checkClients(p.ClientIDs)
	})
}

// RemoveClientID lets no more tokens for an audience in; that it did not is
// fine.
func (s *Service) RemoveClientID(ctx context.Context, arn, id string) error {
	return s.amendProvider(ctx, arn, func(p *meta.Provider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(have string) bool { return have == id })
		return nil
	})
}

// SetThumbprints replaces the thumbprints of a provider.
func (s *Service) SetThumbprints(ctx context.Context, arn string, all []string) error {
	if err := checkThumbprints(all); err != nil {
		return err
	}
	return s.amendProvider(ctx, arn, func(p *meta.Provider) error {
		p.Thumbprints = all
		return nil
	})
}

func (s *Service) amendProvider(ctx context.Context, arn string, fn func(*meta.Provider) error) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := providerRow(ctx, tx, arn)
		if err != nil {
			return err
		}
		if err := fn(&p); err != nil {
			return err
		}
		return tx.UpdateProvider(ctx, p)
	})
}

// DeleteProvider deletes a provider. Trust policies that name it then trust
// nobody.
func (s *Service) DeleteProvider(ctx context.Context, arn string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.DeleteProvider(ctx, arn)
		if err == nil && !ok {
			return noProvider(arn)
		}
		return err
	})
}

// taggedProvider finds what holds the tags of a provider.
func taggedProvider(arn string) finds {
	return func(ctx context.Context, tx *meta.Tx) (tagHolder, error) {
		p, err := providerRow(ctx, tx, arn)
		return tagHolder{p.ARN, "TagsPerOpenIdConnectProvider", tx.TagsOfProvider, tx.SetProviderTag, tx.DeleteProviderTag}, err
	}
}

// TagProvider adds tags to a provider, or replaces their values.
func (s *Service) TagProvider(ctx context.Context, arn string, tags []Tag) error {
	return s.tag(ctx, taggedProvider(arn), tags)
}

// UntagProvider removes tags; keys that there are not are fine.
func (s *Service) UntagProvider(ctx context.Context, arn string, keys []string) error {
	return s.untag(ctx, taggedProvider(arn), keys)
}

// ProviderTags returns the tags of a provider, in order of their keys.
func (s *Service) ProviderTags(ctx context.Context, arn string) ([]Tag, error) {
	return s.tagsOf(ctx, taggedProvider(arn))
}
