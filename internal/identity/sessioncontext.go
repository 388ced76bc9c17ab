package identity

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// SessionContext is what a session was narrowed to and what it says of itself
// when it was asked for. Sessions and their tokens name it by its hash.
type SessionContext struct {
	// Policies are session policies and PolicyARNs managed policies that
	// serve as such. If there is any, what none of them allows is denied.
	Policies   []string `json:"policies,omitempty"`
	PolicyARNs []string `json:"policyArns,omitempty"`

	// Tags take precedence over those of the role. TransitiveKeys are the
	// keys of those that go on to the next role of a chain.
	Tags           []Tag    `json:"tags,omitempty"`
	TransitiveKeys []string `json:"transitiveKeys,omitempty"`

	SourceIdentity string `json:"sourceIdentity,omitempty"`

	// Provider is the ARN of the identity provider that vouched for the
	// session, and Claims are the condition keys that it answers, by their
	// full names: "token.actions.githubusercontent.com:sub".
	Provider string              `json:"provider,omitempty"`
	Claims   map[string][]string `json:"claims,omitempty"`
}

// Empty reports whether the context says nothing, so that a session needs
// none.
func (c SessionContext) Empty() bool {
	return len(c.Policies)+len(c.PolicyARNs)+len(c.Tags)+len(c.TransitiveKeys)+len(c.Claims) == 0 &&
		c.SourceIdentity == "" && c.Provider == ""
}

// Row returns the row that keeps the context for sessions of an account,
// under the hash of both. The order of tags and of keys does not count.
func (c SessionContext) Row(account string, until time.Time) (meta.SessionContext, error) {
	c.Tags, c.TransitiveKeys = slices.Clone(c.Tags), slices.Clone(c.TransitiveKeys)
	slices.SortFunc(c.Tags, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(c.TransitiveKeys)
	document, err := json.Marshal(c) // sorts the keys of maps
	if err != nil {
		return meta.SessionContext{}, fmt.Errorf("write the context of a session: %w", err)
	}
	row := meta.SessionContext{Account: account, Document: document, Until: until}
	row.ID = contextID(row)
	return row, nil
}

func contextID(row meta.SessionContext) [16]byte {
	sum := sha256.Sum256(append([]byte(row.Account+"\x00"), row.Document...))
	return [16]byte(sum[:])
}

// SessionContextOf returns the context that a session of an account names. If the
// row is missing, the session is as good as unknown.
func (s *Service) SessionContextOf(ctx context.Context, account string, id [16]byte) (SessionContext, error) {
	n, ok, err := s.narrowing(ctx, account, id)
	if err != nil {
		return SessionContext{}, err
	}
	if !ok {
		return SessionContext{}, unrecognized()
	}
	return n.context, nil
}

// narrowing is a session's context, ready to judge by.
type narrowing struct {
	account string
	context SessionContext
	inline  []*program
}

// narrows reports whether there are session policies at all.
func (n *narrowing) narrows() bool { return len(n.inline)+len(n.context.PolicyARNs) > 0 }

// policies appends the session policies to list, which stays nil only if the
// session was not narrowed.
func (n *narrowing) policies(s *Service, snap *snapshot, list []*policy.Policy) []*policy.Policy {
	for _, p := range n.inline {
		list = append(list, p.policy(s.log, "a session of account "+n.account, "session policy"))
	}
	for _, arn := range n.context.PolicyARNs {
		p, _ := s.managed(snap, arn)
		list = append(list, p)
	}
	return list
}

// narrowing returns what id names, and false if the row is missing: then
// nobody knows what it would have forbidden. Rows never change, so what was
// read once is kept.
func (s *Service) narrowing(ctx context.Context, account string, id [16]byte) (*narrowing, bool, error) {
	if n, ok := s.narrowings.get(id); ok {
		return n, n.account == account, nil
	}
	row, ok, err := s.db.Now().SessionContext(ctx, id)
	if err != nil {
		return nil, false, unavailable(fmt.Errorf("read the context of a session: %w", err))
	}
	if !ok || row.Account != account || contextID(row) != id {
		return nil, false, nil
	}
	n := &narrowing{account: account}
	if err := json.Unmarshal(row.Document, &n.context); err != nil {
		return nil, false, fmt.Errorf("read the context of a session: %w", err)
	}
	for _, document := range n.context.Policies {
		n.inline = append(n.inline, s.programs.of(policy.Identity, document))
	}
	s.narrowings.put(id, n)
	return n, true, nil
}

// narrowings keeps what was used lately: what is not asked for while another
// generation fills goes.
type narrowings struct {
	mu         sync.Mutex // guards what follows
	young, old map[[16]byte]*narrowing
}

// generationSize is how many contexts a generation holds, of some kilobytes
// each.
const generationSize = 1024

func (c *narrowings) get(id [16]byte) (*narrowing, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.young[id]; ok {
		return n, true
	}
	n, ok := c.old[id]
	if ok {
		c.add(id, n)
	}
	return n, ok
}

func (c *narrowings) put(id [16]byte, n *narrowing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(id, n)
}

// add is put with c.mu held.
func (c *narrowings) add(id [16]byte, n *narrowing) {
	if c.young == nil || len(c.young) >= generationSize {
		c.old, c.young = c.young, map[[16]byte]*narrowing{}
	}
	c.young[id] = n
}
