package identity

import (
	"fmt"
	"slices"
	"strings"
)

// Dump describes the snapshot in force, line by line, for comparing two.
func (s *Service) Dump() string {
	snap := s.snapshot.Load()
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	text := func(p *program) string {
		if p == nil {
			return "-"
		}
		return p.text
	}
	add("epoch %v", snap.epoch)
	all(snap.principals, func(id string, p *principal) {
		var inline []string
		for _, x := range p.inline {
			inline = append(inline, x.name+"="+text(x.program))
		}
		add("%s %s %s %s %v %v %v %v %q %s", id, p.account, p.arn, p.kind, p.tags, inline, p.attached, p.groups, p.boundary, text(p.trust))
	})
	all(snap.names, func(n name, p *principal) { add("name %v %s", n, p.id) })
	all(snap.arns, func(arn string, p *principal) { add("arn %s %s", arn, p.id) })
	all(snap.keys, func(id string, k *accessKey) { add("key %s %s %v", id, k.owner, k.active) })
	all(snap.policies, func(arn string, p *managedPolicy) { add("policy %s %v %s", arn, p.tags, text(p.program)) })
	all(snap.policyIDs, func(id string, p *managedPolicy) { add("policy %s %s", id, p.arn) })
	all(snap.providers, func(arn string, p *provider) { add("provider %s %v", arn, p.tags) })
	all(snap.domains, func(_ any, d *domain) {
		add("domain %v %v %s %v", d.row, d.tags, text(d.policy), d.groupTags)
		for _, r := range d.repositories {
			add("repository %v %v %s", r.row, r.tags, text(r.policy))
		}
	})
	all(snap.domainRows, func(row int64, d *domain) { add("domain row %d %v", row, d.row.Ref) })
	all(snap.repositories, func(row int64, r *repository) { add("repository row %d %v", row, r.row.Ref) })
	all(snap.revokedTokens, func(id [8]byte, _ any) { add("token %x", id) })
	all(snap.revokedKeys, func(id string, _ any) { add("tokens of %s", id) })
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func all[K comparable, V any, K2, V2 any](t table[K, V], fn func(K2, V2)) {
	for _, shard := range t.shards {
		for k, v := range shard {
			fn(any(k).(K2), any(v).(V2))
		}
	}
}

// Generation returns the generation of the snapshot in force.
func (s *Service) Generation() uint64 { return s.snapshot.Load().generation }
