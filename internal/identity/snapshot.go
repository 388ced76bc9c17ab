package identity

import (
	"context"
	"fmt"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// snapshot is everything that decides, as of one epoch. It is immutable.
type snapshot struct {
	epoch      meta.Epoch
	accounts   map[string]bool
	principals map[string]*principal // by unique ID; root by its account's number
	users      map[userName]*principal
	keys       map[string]*accessKey
	domains    map[larder.DomainRef]*domain
	documents  map[document]*policy.Policy // each parsed once, from one snapshot to the next
}

type userName struct{ account, folded string }

type document struct {
	kind policy.Kind
	text string
}

type principal struct {
	id, account, arn, name string
	policies               []*policy.Policy
	tags                   map[string]string
}

func (p *principal) root() bool { return p.id == p.account }

type accessKey struct {
	owner  *principal
	secret string
	active bool
}

type domain struct {
	row          meta.Domain
	tags         map[string]string
	policy       *policy.Policy // nil if there is none
	repositories map[string]*repository
}

type repository struct {
	row    meta.Repository
	tags   map[string]string
	policy *policy.Policy
}

// load reads a snapshot. Policies that the one before has parsed are not
// parsed again.
func (s *Service) load(ctx context.Context, before *snapshot) (*snapshot, error) {
	snap := &snapshot{
		accounts:   map[string]bool{},
		principals: map[string]*principal{},
		users:      map[userName]*principal{},
		keys:       map[string]*accessKey{},
		domains:    map[larder.DomainRef]*domain{},
		documents:  map[document]*policy.Policy{},
	}
	parse := func(k policy.Kind, text string) (*policy.Policy, error) {
		if text == "" {
			return nil, nil
		}
		d := document{k, text}
		if p, ok := snap.documents[d]; ok {
			return p, nil
		}
		if before != nil {
			if p, ok := before.documents[d]; ok {
				snap.documents[d] = p
				return p, nil
			}
		}
		p, err := policy.Parse(k, []byte(text))
		snap.documents[d] = p
		return p, err
	}
	err := s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		if snap.epoch, err = tx.Epoch(ctx); err != nil {
			return err
		}
		if err := snap.loadPrincipals(ctx, tx, parse); err != nil {
			return err
		}
		if err := snap.loadKeys(ctx, tx, s); err != nil {
			return err
		}
		return snap.loadDomains(ctx, tx, parse)
	})
	return snap, err
}

type parser func(policy.Kind, string) (*policy.Policy, error)

func (snap *snapshot) loadPrincipals(ctx context.Context, tx *meta.Tx, parse parser) error {
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		snap.accounts[a.ID] = true
		snap.principals[a.ID] = &principal{id: a.ID, account: a.ID, name: "root", arn: rootARN(a.ID)}
	}
	entities, err := tx.AllEntities(ctx)
	if err != nil {
		return err
	}
	for _, e := range entities {
		p := &principal{id: e.ID, account: e.Account, name: e.Name, arn: userARN(e.Account, e.Path, e.Name)}
		snap.principals[e.ID] = p
		snap.users[userName{e.Account, strings.ToLower(e.Name)}] = p
	}
	if err := tx.AllEntityTags(ctx, func(entity string, t meta.Tag) {
		addTag(&snap.principals[entity].tags, t)
	}); err != nil {
		return err
	}
	inline, err := tx.AllInlinePolicies(ctx)
	if err != nil {
		return err
	}
	for _, x := range inline {
		p, err := parse(policy.Identity, x.Document)
		if err != nil {
			return fmt.Errorf("parse policy %s of %s: %w", x.Name, x.Entity, err)
		}
		owner := snap.principals[x.Entity]
		owner.policies = append(owner.policies, p)
	}
	attached, err := tx.AllAttachments(ctx)
	if err != nil {
		return err
	}
	for _, a := range attached {
		document, ok := managedDocument(a.ARN)
		if !ok {
			return fmt.Errorf("%s has a managed policy that this program does not know: %s", a.Entity, a.ARN)
		}
		p, err := parse(policy.Identity, document)
		if err != nil {
			return fmt.Errorf("parse %s: %w", a.ARN, err)
		}
		owner := snap.principals[a.Entity]
		owner.policies = append(owner.policies, p)
	}
	return nil
}

func (snap *snapshot) loadKeys(ctx context.Context, tx *meta.Tx, s *Service) error {
	keys, err := tx.AllAccessKeys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		owner, ok := snap.principals[k.Owner]
		if !ok {
			continue // a key without its user opens nothing
		}
		secret, err := s.keys.Decrypt(secretRecord(k.ID, k.Account), k.Secret)
		if err != nil {
			return err
		}
		snap.keys[k.ID] = &accessKey{owner: owner, secret: string(secret), active: k.Status == KeyActive}
	}
	return nil
}

func (snap *snapshot) loadDomains(ctx context.Context, tx *meta.Tx, parse parser) error {
	domains, err := tx.AllDomains(ctx)
	if err != nil {
		return err
	}
	byRow := map[int64]*domain{}
	for _, row := range domains {
		p, err := parse(policy.Resource, row.Policy.Document)
		if err != nil {
			return fmt.Errorf("parse the policy of domain %s: %w", row.Ref, err)
		}
		d := &domain{row: row, policy: p, repositories: map[string]*repository{}}
		snap.domains[row.Ref], byRow[row.ID] = d, d
	}
	repositories, err := tx.AllRepositories(ctx)
	if err != nil {
		return err
	}
	repositoryByRow := map[int64]*repository{}
	for _, row := range repositories {
		p, err := parse(policy.Resource, row.Policy.Document)
		if err != nil {
			return fmt.Errorf("parse the policy of repository %s: %w", row.Ref, err)
		}
		r := &repository{row: row, policy: p}
		byRow[row.Domain].repositories[row.Ref.Name], repositoryByRow[row.ID] = r, r
	}
	if err := tx.AllDomainTags(ctx, func(id int64, t meta.Tag) { addTag(&byRow[id].tags, t) }); err != nil {
		return err
	}
	return tx.AllRepositoryTags(ctx, func(id int64, t meta.Tag) { addTag(&repositoryByRow[id].tags, t) })
}

func addTag(to *map[string]string, t meta.Tag) {
	if *to == nil {
		*to = map[string]string{}
	}
	(*to)[t.Key] = t.Value
}
