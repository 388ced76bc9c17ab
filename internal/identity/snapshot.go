package identity

import (
	"strings"
	"sync/atomic"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// snapshot is everything that decides, as of one epoch. It is immutable; what
// of it is made on first use is said where it is.
type snapshot struct {
	epoch meta.Epoch

	// generation differs wherever a group or a managed policy does: what was
	// made of them for a principal is good for one generation.
	generation uint64

	principals   table[string, *principal] // by unique ID; root by its account's number
	names        table[name, *principal]
	arns         table[string, *principal]
	keys         table[string, *accessKey]
	policies     table[string, *managedPolicy] // of accounts, by ARN
	policyIDs    table[string, *managedPolicy]
	providers    table[string, *provider] // by ARN
	domains      table[larder.DomainRef, *domain]
	domainRows   table[int64, *domain]
	repositories table[int64, *repository] // by row

	revokedTokens table[[8]byte, []string] // by ID, for which accounts
	revokedKeys   table[string, meta.RevokedKey]
}

// name is unique among what has a name, without regard to case.
type name struct {
	account string
	kind    meta.EntityKind
	folded  string
}

// rootUser is the kind of an account's root, which is no entity.
const rootUser meta.EntityKind = "root"

// principal is a root user, a user, a role or a group.
type principal struct {
	id, account, arn, name string
	kind                   meta.EntityKind
	tags                   []Tag
	inline                 []inlinePolicy
	attached               []string // the ARNs of managed policies
	groups                 []string // unique IDs
	boundary               string   // an ARN; empty if there is none
	trust                  *program // of a role
	compiled               atomic.Pointer[rights]
}

type inlinePolicy struct {
	name    string
	program *program
}

func (p *principal) root() bool { return p.kind == rootUser }

// sessionARN is the ARN of a role's session, from which the role's path is
// missing (AWS STS).
func (p *principal) sessionARN(session string) string {
	return "arn:aws:sts::" + p.account + ":assumed-role/" + p.name + "/" + session
}

type managedPolicy struct {
	arn     string
	program *program
	tags    []Tag
}

type provider struct{ tags []Tag }

type domain struct {
	row          meta.Domain
	tags         []Tag
	policy       *program // nil if there is none
	repositories map[string]*repository
	groupTags    map[string][]Tag // of its package groups, by pattern
}

type repository struct {
	row    meta.Repository
	tags   []Tag
	policy *program
}

// entity returns the user, role or group with a unique ID.
func (snap *snapshot) entity(id string) (*principal, bool) {
	p, ok := snap.principals.get(id)
	return p, ok && !p.root()
}

// named returns the user, role or group of a name.
func (snap *snapshot) named(account string, k meta.EntityKind, n string) (*principal, bool) {
	return snap.names.get(name{account, k, strings.ToLower(n)})
}

// asking returns the principal that a request comes from, and false if there
// is none of that kind: groups ask nothing, roles only in sessions.
func (snap *snapshot) asking(p *Principal) (*principal, bool) {
	who, ok := snap.principals.get(p.ID)
	if !ok || who.account != p.Account || who.kind == meta.Group || (who.kind == meta.Role) != (p.Session != nil && p.Session.Name != "") {
		return nil, false
	}
	return who, true
}

// target is what an ARN names, as far as it exists.
type target struct {
	account    string // of the ARN; empty if it has none
	kind       string // of CodeArtifact's ARNs
	domain     *domain
	repository *repository
	entity     *principal // a user, role or group
	tags       []Tag      // of what IAM's ARNs name
	role       bool       // the ARN is a role's, which need not exist
}

// find reads an ARN of CodeArtifact or IAM.
func (snap *snapshot) find(arn larder.ARN) target {
	p, ok := arn.Parts()
	if !ok {
		return snap.findIAM(string(arn))
	}
	t := target{account: p.Repository.Domain.Owner, kind: p.Kind}
	t.domain, _ = snap.domains.get(p.Repository.Domain)
	if t.domain != nil {
		t.repository = t.domain.repositories[p.Repository.Name]
		if p.Pattern != "" {
			t.tags = t.domain.groupTags[p.Pattern]
		}
	}
	return t
}

func (snap *snapshot) findIAM(arn string) target {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return target{}
	}
	t := target{account: parts[4], role: parts[2] == "iam" && strings.HasPrefix(parts[5], "role/")}
	if p, ok := snap.arns.get(arn); ok {
		t.entity, t.tags = p, p.tags
	} else if p, ok := snap.policies.get(arn); ok {
		t.tags = p.tags
	} else if p, ok := snap.providers.get(arn); ok {
		t.tags = p.tags
	}
	return t
}

// trust returns the policy that says who may assume the target; nil if that
// is no role. A role that does not exist trusts nobody.
func (t *target) trust(s *Service) *policy.Policy {
	switch {
	case !t.role:
		return nil
	case t.entity == nil || t.entity.trust == nil:
		return &policy.Policy{}
	}
	return t.entity.trust.policy(s.log, t.entity.arn, "trust policy")
}

// tagged returns the value of a tag.
func tagged(tags []Tag, key string) (string, bool) {
	for _, t := range tags {
		if t.Key == key {
			return t.Value, true
		}
	}
	return "", false
}
