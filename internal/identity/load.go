package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// loader makes a snapshot from the one before. What it is told to read it
// reads anew; an empty id stands for all that there is.
type loader struct {
	service *Service
	tx      *meta.Tx
	snap    *snapshot

	principals *draft[string, *principal]
	names      *draft[name, *principal]
	arns       *draft[string, *principal]
	keys       *draft[string, *accessKey]
	policies   *draft[string, *managedPolicy]
	policyARNs *draft[string, string]
	providers  *draft[string, *provider]
	domains    *draft[larder.DomainRef, *domain]
	domainRefs *draft[int64, larder.DomainRef]
	homes      *draft[int64, larder.RepositoryRef]

	revokedTokens *draft[[8]byte, meta.RevokedToken]
	revokedKeys   *draft[string, meta.RevokedKey]

	words map[string]string // one string for all that are equal
}

// edit returns a loader that begins with what before has.
func (s *Service) edit(tx *meta.Tx, before *snapshot) *loader {
	return &loader{
		service: s, tx: tx, words: map[string]string{},
		snap:          &snapshot{generation: before.generation},
		principals:    edit(before.principals),
		names:         edit(before.names),
		arns:          edit(before.arns),
		keys:          edit(before.keys),
		policies:      edit(before.policies),
		policyARNs:    edit(before.policyARNs),
		providers:     edit(before.providers),
		domains:       edit(before.domains),
		domainRefs:    edit(before.domainRefs),
		homes:         edit(before.homes),
		revokedTokens: edit(before.revokedTokens),
		revokedKeys:   edit(before.revokedKeys),
	}
}

// done returns the snapshot.
func (l *loader) done() *snapshot {
	l.snap.principals, l.snap.names, l.snap.arns = l.principals.table, l.names.table, l.arns.table
	l.snap.keys = l.keys.table
	l.snap.policies, l.snap.policyARNs = l.policies.table, l.policyARNs.table
	l.snap.providers = l.providers.table
	l.snap.domains, l.snap.domainRefs, l.snap.homes = l.domains.table, l.domainRefs.table, l.homes.table
	l.snap.revokedTokens, l.snap.revokedKeys = l.revokedTokens.table, l.revokedKeys.table
	return l.snap
}

// load reads a snapshot.
func (s *Service) load(ctx context.Context, before *snapshot) (snap *snapshot, err error) {
	err = s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		l := s.edit(tx, &snapshot{})
		var err error
		if l.snap.epoch, err = tx.Epoch(ctx); err != nil {
			return err
		}
		if before != nil {
			l.snap.generation = before.generation
		}
		l.regenerate()
		for _, read := range []func(context.Context, string) error{
			l.readAccounts, l.readHolders, l.readKeys, l.readPolicies, l.readProviders,
			l.readDomains, l.readRepositories, l.readRevokedTokens, l.readRevokedKeys,
		} {
			if err := read(ctx, ""); err != nil {
				return err
			}
		}
		snap = l.done()
		return nil
	})
	return snap, err
}

// regenerate says that what was made of groups and managed policies is void.
// The numbers of generations are the service's: no two snapshots that differ
// in them have the same.
func (l *loader) regenerate() {
	l.service.generation++
	l.snap.generation = l.service.generation
}

// word returns one string for all that are equal to s.
func (l *loader) word(s string) string {
	if w, ok := l.words[s]; ok {
		return w
	}
	l.words[s] = s
	return s
}

func (l *loader) readAccounts(ctx context.Context, _ string) error {
	accounts, err := l.tx.Accounts(ctx)
	for _, a := range accounts {
		if _, ok := l.principals.get(a.ID); !ok {
			l.principals.set(a.ID, &principal{id: a.ID, account: a.ID, name: "root", arn: rootARN(a.ID), kind: rootUser})
		}
	}
	return err
}

// readHolders reads users, roles and groups with all that hangs on them.
func (l *loader) readHolders(ctx context.Context, id string) error {
	if before, ok := l.principals.get(id); ok {
		l.forget(before)
	}
	fresh := func(id string) *principal {
		p, _ := l.principals.get(id)
		return p
	}
	for _, read := range []func() error{
		func() error { return l.tx.Holders(ctx, id, l.addHolder) },
		func() error {
			return l.tx.HolderTags(ctx, id, func(entity string, t meta.Tag) {
				p := fresh(entity)
				p.tags = append(p.tags, Tag{Key: l.word(t.Key), Value: l.word(t.Value)})
			})
		},
		func() error {
			return l.tx.HolderPolicies(ctx, id, func(x meta.InlinePolicy) {
				p := fresh(x.Entity)
				p.inline = append(p.inline, inlinePolicy{l.word(x.Name), l.service.programs.of(policy.Identity, x.Document)})
			})
		},
		func() error {
			return l.tx.HolderAttachments(ctx, id, func(a meta.Attachment) {
				p := fresh(a.Entity)
				p.attached = append(p.attached, l.word(a.ARN))
			})
		},
		func() error {
			return l.tx.Memberships(ctx, id, func(m meta.Membership) {
				p := fresh(m.Member)
				p.groups = append(p.groups, l.word(m.Group))
			})
		},
	} {
		if err := read(); err != nil {
			return fmt.Errorf("read who holds policies: %w", err)
		}
	}
	if p := fresh(id); p != nil {
		p.order()
	}
	if id == "" {
		for _, shard := range l.principals.shards {
			for _, p := range shard {
				p.order()
			}
		}
	}
	return nil
}

// order makes the order of what hangs on p that of names, whatever the
// database's was, so that one statement decides among equal ones.
func (p *principal) order() {
	slices.SortFunc(p.tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	slices.SortFunc(p.inline, func(a, b inlinePolicy) int { return strings.Compare(a.name, b.name) })
	slices.Sort(p.attached)
	slices.Sort(p.groups)
}

func (l *loader) addHolder(h meta.Holder) {
	p := &principal{
		id: h.ID, account: l.word(h.Account), name: h.Name, kind: h.Kind, boundary: l.word(h.Boundary),
		arn:   entityARN(h.Account, h.Kind, h.Path, h.Name),
		trust: l.service.programs.of(policy.Trust, h.Trust),
	}
	l.principals.set(p.id, p)
	l.names.set(name{p.account, p.kind, strings.ToLower(p.name)}, p)
	l.arns.set(p.arn, p)
	if p.kind == meta.Group {
		l.regenerate()
	}
}

// forget takes an entity out.
func (l *loader) forget(p *principal) {
	l.principals.delete(p.id)
	l.names.delete(name{p.account, p.kind, strings.ToLower(p.name)})
	l.arns.delete(p.arn)
	if p.kind == meta.Group {
		l.regenerate()
	}
}

func (l *loader) readKeys(ctx context.Context, id string) error {
	l.keys.delete(id)
	return l.tx.SigningKeys(ctx, id, func(k meta.AccessKey) {
		l.keys.set(k.ID, &accessKey{id: k.ID, account: l.word(k.Account), owner: l.word(k.Owner), sealed: k.Secret, active: k.Status == KeyActive})
	})
}

func (l *loader) readPolicies(ctx context.Context, id string) error {
	l.regenerate()
	if arn, ok := l.policyARNs.get(id); ok {
		l.policies.delete(arn)
		l.policyARNs.delete(id)
	}
	err := l.tx.DefaultPolicies(ctx, id, func(p meta.DefaultPolicy) {
		if p.Document == "" {
			return // has no version that is in force: as good as missing
		}
		l.policies.set(p.ARN, &managedPolicy{program: l.service.programs.of(policy.Identity, p.Document)})
		l.policyARNs.set(p.ID, p.ARN)
	})
	if err == nil {
		err = l.tx.DefaultPolicyTags(ctx, id, func(id string, t meta.Tag) {
			if arn, ok := l.policyARNs.get(id); ok {
				p, _ := l.policies.get(arn)
				p.tags = append(p.tags, t)
			}
		})
	}
	if err != nil {
		return fmt.Errorf("read managed policies: %w", err)
	}
	return nil
}

func (l *loader) readProviders(ctx context.Context, arn string) error {
	l.providers.delete(arn)
	err := l.tx.ProviderARNs(ctx, arn, func(arn string) { l.providers.set(arn, &provider{}) })
	if err == nil {
		err = l.tx.ProviderTags(ctx, arn, func(arn string, t meta.Tag) {
			p, _ := l.providers.get(arn)
			p.tags = append(p.tags, t)
		})
	}
	if err != nil {
		return fmt.Errorf("read identity providers: %w", err)
	}
	return nil
}

func (l *loader) readRevokedTokens(ctx context.Context, _ string) error {
	return l.tx.RevokedTokens(ctx, "", func(r meta.RevokedToken) { l.revokedTokens.set(r.ID, r) })
}

func (l *loader) readRevokedKeys(ctx context.Context, _ string) error {
	return l.tx.RevokedKeys(ctx, "", func(r meta.RevokedKey) { l.revokedKeys.set(r.KeyID, r) })
}

func (l *loader) readDomains(ctx context.Context, _ string) error {
	domains, err := l.tx.AllDomains(ctx)
	if err != nil {
		return fmt.Errorf("read domains: %w", err)
	}
	for _, row := range domains {
		l.domains.set(row.Ref, &domain{
			row: row, repositories: map[string]*repository{},
			policy: l.service.programs.of(policy.Resource, row.Policy.Document),
		})
		l.domainRefs.set(row.ID, row.Ref)
	}
	return l.tx.AllDomainTags(ctx, func(id int64, t meta.Tag) {
		ref, _ := l.domainRefs.get(id)
		d, _ := l.domains.get(ref)
		d.tags = append(d.tags, t)
	})
}

func (l *loader) readRepositories(ctx context.Context, _ string) error {
	repositories, err := l.tx.AllRepositories(ctx)
	if err != nil {
		return fmt.Errorf("read repositories: %w", err)
	}
	for _, row := range repositories {
		d, _ := l.domains.get(row.Ref.Domain)
		d.repositories[row.Ref.Name] = &repository{row: row, policy: l.service.programs.of(policy.Resource, row.Policy.Document)}
		l.homes.set(row.ID, row.Ref)
	}
	return l.tx.AllRepositoryTags(ctx, func(id int64, t meta.Tag) {
		ref, _ := l.homes.get(id)
		d, _ := l.domains.get(ref.Domain)
		r := d.repositories[ref.Name]
		r.tags = append(r.tags, t)
	})
}
