package identity

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
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

	principals   *draft[string, *principal]
	names        *draft[name, *principal]
	arns         *draft[string, *principal]
	keys         *draft[string, *accessKey]
	policies     *draft[string, *managedPolicy]
	policyIDs    *draft[string, *managedPolicy]
	providers    *draft[string, *provider]
	domains      *draft[larder.DomainRef, *domain]
	domainRows   *draft[int64, *domain]
	repositories *draft[int64, *repository]

	revokedTokens *draft[[8]byte, []string]
	revokedKeys   *draft[string, meta.RevokedKey]

	shared bool              // a group or a managed policy was read
	renew  map[*domain]bool  // domains that no other snapshot has
	words  map[string]string // one string for all that are equal
}

// edit returns a loader that begins with what before has; nil has nothing.
func (s *Service) edit(tx *meta.Tx, before *snapshot) *loader {
	if before == nil {
		before = &snapshot{}
	}
	return &loader{
		service: s, tx: tx, renew: map[*domain]bool{}, words: map[string]string{},
		snap:          &snapshot{generation: before.generation},
		principals:    edit(before.principals),
		names:         edit(before.names),
		arns:          edit(before.arns),
		keys:          edit(before.keys),
		policies:      edit(before.policies),
		policyIDs:     edit(before.policyIDs),
		providers:     edit(before.providers),
		domains:       edit(before.domains),
		domainRows:    edit(before.domainRows),
		repositories:  edit(before.repositories),
		revokedTokens: edit(before.revokedTokens),
		revokedKeys:   edit(before.revokedKeys),
	}
}

// done returns the snapshot. The numbers of generations are the service's: no
// two snapshots that differ in groups or managed policies have the same.
func (l *loader) done() *snapshot {
	if l.shared {
		l.service.generation++
		l.snap.generation = l.service.generation
	}
	l.snap.principals, l.snap.names, l.snap.arns = l.principals.table, l.names.table, l.arns.table
	l.snap.keys = l.keys.table
	l.snap.policies, l.snap.policyIDs = l.policies.table, l.policyIDs.table
	l.snap.providers = l.providers.table
	l.snap.domains, l.snap.domainRows, l.snap.repositories = l.domains.table, l.domainRows.table, l.repositories.table
	l.snap.revokedTokens, l.snap.revokedKeys = l.revokedTokens.table, l.revokedKeys.table
	return l.snap
}

// read reads again what changed, each thing by its kind and ID; with no
// changes, all there is.
func (l *loader) read(ctx context.Context, changes ...meta.Change) error {
	if len(changes) == 0 {
		for _, kind := range kinds {
			if err := kind.read(l, ctx, ""); err != nil {
				return fmt.Errorf("read what there is of the kind %s: %w", kind.name, err)
			}
		}
		return nil
	}
	for _, kind := range kinds {
		for _, c := range changes {
			if c.Kind != kind.name {
				continue
			}
			if err := kind.read(l, ctx, c.ID); err != nil {
				return fmt.Errorf("read the %s %s: %w", c.Kind, c.ID, err)
			}
		}
	}
	return nil
}

// kinds are what a snapshot holds, in an order in which each finds what it
// belongs to. An empty ID reads all.
var kinds = [...]struct {
	name meta.ChangeKind
	read func(*loader, context.Context, string) error
}{
	{meta.AccountChange, (*loader).readAccounts},
	{meta.HolderChange, (*loader).readHolders},
	{meta.KeyChange, (*loader).readKeys},
	{meta.PolicyChange, (*loader).readPolicies},
	{meta.ProviderChange, (*loader).readProviders},
	{meta.DomainChange, (*loader).readDomains},
	{meta.RepositoryChange, (*loader).readRepositories},
	{meta.TokenChange, (*loader).readRevokedTokens},
	{meta.KeyTokensChange, (*loader).readRevokedKeys},
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
			return err
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
		l.shared = true
	}
}

// forget takes an entity out.
func (l *loader) forget(p *principal) {
	l.principals.delete(p.id)
	deleteIf(l.names, name{p.account, p.kind, strings.ToLower(p.name)}, p)
	deleteIf(l.arns, p.arn, p)
	if p.kind == meta.Group {
		l.shared = true
	}
}

func (l *loader) readKeys(ctx context.Context, id string) error {
	l.keys.delete(id)
	return l.tx.SigningKeys(ctx, id, func(k meta.AccessKey) {
		l.keys.set(k.ID, &accessKey{id: k.ID, account: l.word(k.Account), owner: l.word(k.Owner), sealed: k.Secret, active: k.Status == KeyActive})
	})
}

func (l *loader) readPolicies(ctx context.Context, id string) error {
	l.shared = true
	if before, ok := l.policyIDs.get(id); ok {
		deleteIf(l.policies, before.arn, before)
		l.policyIDs.delete(id)
	}
	err := l.tx.DefaultPolicies(ctx, id, func(p meta.DefaultPolicy) {
		if p.Document == "" {
			return // has no version that is in force: as good as missing
		}
		made := &managedPolicy{arn: p.ARN, program: l.service.programs.of(policy.Identity, p.Document)}
		l.policies.set(p.ARN, made)
		l.policyIDs.set(p.ID, made)
	})
	if err != nil {
		return err
	}
	return l.tx.DefaultPolicyTags(ctx, id, func(id string, t meta.Tag) {
		if p, ok := l.policyIDs.get(id); ok {
			p.tags = append(p.tags, t)
		}
	})
}

func (l *loader) readProviders(ctx context.Context, arn string) error {
	l.providers.delete(arn)
	err := l.tx.ProviderARNs(ctx, arn, func(arn string) { l.providers.set(arn, &provider{}) })
	if err != nil {
		return err
	}
	return l.tx.ProviderTags(ctx, arn, func(arn string, t meta.Tag) {
		p, _ := l.providers.get(arn)
		p.tags = append(p.tags, t)
	})
}

func (l *loader) readRevokedTokens(ctx context.Context, id string) error {
	var one [8]byte
	if n, err := hex.Decode(one[:], []byte(id)); err == nil && n == len(one) {
		l.revokedTokens.delete(one)
	}
	return l.tx.RevokedTokens(ctx, id, func(r meta.RevokedToken) {
		accounts, _ := l.revokedTokens.get(r.ID)
		l.revokedTokens.set(r.ID, append(slices.Clip(accounts), r.Account))
	})
}

func (l *loader) readRevokedKeys(ctx context.Context, id string) error {
	l.revokedKeys.delete(id)
	return l.tx.RevokedKeys(ctx, id, func(r meta.RevokedKey) { l.revokedKeys.set(r.KeyID, r) })
}

// readDomains reads domains with their policies and tags, and the tags of
// their package groups. A domain that was known keeps its repositories, which
// change by themselves.
func (l *loader) readDomains(ctx context.Context, id string) error {
	row, err := rowOf(id)
	if err != nil {
		return err
	}
	repositories := map[string]*repository{}
	if before, ok := l.domainRows.get(row); ok {
		repositories = before.repositories
		deleteIf(l.domains, before.row.Ref, before)
		l.domainRows.delete(row)
	}
	err = l.tx.GuardedDomains(ctx, row, func(d meta.Domain) {
		made := &domain{row: d, repositories: maps.Clone(repositories), policy: l.service.programs.of(policy.Resource, d.Policy.Document)}
		made.row.Policy = meta.ResourcePolicy{} // of which the program is all that decides
		l.setDomain(made)
	})
	if err != nil {
		return err
	}
	err = l.tx.GuardedDomainTags(ctx, row, func(row int64, t meta.Tag) {
		d, _ := l.domainRows.get(row)
		d.tags = append(d.tags, t)
	})
	if err != nil {
		return err
	}
	return l.tx.GuardedGroupTags(ctx, row, func(row int64, pattern string, t meta.Tag) {
		d, _ := l.domainRows.get(row)
		if d.groupTags == nil {
			d.groupTags = map[string][]Tag{}
		}
		d.groupTags[pattern] = append(d.groupTags[pattern], t)
	})
}

func (l *loader) setDomain(d *domain) {
	l.domains.set(d.row.Ref, d)
	l.domainRows.set(d.row.ID, d)
	l.renew[d] = true
}

// home returns a domain whose repositories may be changed.
func (l *loader) home(row int64) (*domain, bool) {
	d, ok := l.domainRows.get(row)
	if ok && !l.renew[d] {
		d = &domain{row: d.row, tags: d.tags, policy: d.policy, groupTags: d.groupTags, repositories: maps.Clone(d.repositories)}
		l.setDomain(d)
	}
	return d, ok
}

func (l *loader) readRepositories(ctx context.Context, id string) error {
	row, err := rowOf(id)
	if err != nil {
		return err
	}
	if before, ok := l.repositories.get(row); ok {
		if d, ok := l.home(before.row.Domain); ok && d.repositories[before.row.Ref.Name] == before {
			delete(d.repositories, before.row.Ref.Name)
		}
		l.repositories.delete(row)
	}
	err = l.tx.GuardedRepositories(ctx, row, func(r meta.Repository) {
		made := &repository{row: r, policy: l.service.programs.of(policy.Resource, r.Policy.Document)}
		made.row.Policy = meta.ResourcePolicy{}
		if d, ok := l.home(r.Domain); ok {
			d.repositories[r.Ref.Name] = made
			l.repositories.set(r.ID, made)
		}
	})
	if err != nil {
		return err
	}
	return l.tx.GuardedRepositoryTags(ctx, row, func(row int64, t meta.Tag) {
		if r, ok := l.repositories.get(row); ok {
			r.tags = append(r.tags, t)
		}
	})
}

// rowOf returns the row that an ID names; 0 for an empty one.
func rowOf(id string) (int64, error) {
	if id == "" {
		return 0, nil
	}
	return strconv.ParseInt(id, 10, 64)
}

// deleteIf deletes an entry if it is of v: another may have taken its place
// already.
func deleteIf[K, V comparable](d *draft[K, V], key K, v V) {
	if now, ok := d.get(key); ok && now == v {
		d.delete(key)
	}
}
