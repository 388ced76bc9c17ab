package identity

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"weak"

	"larder.example/larder/internal/policy"
)

// program is a stored policy document, compiled when it is first asked about.
// Equal documents share one.
type program struct {
	kind     policy.Kind
	text     string
	compiled atomic.Pointer[policy.Policy]
}

// policy returns the program compiled. A document that the parser of today
// refuses may have been meant to forbid anything: it denies everything to
// whom it is about, and is logged by the name of its holder and its own. A
// nil program is none.
func (p *program) policy(log *slog.Logger, holder, name string) *policy.Policy {
	if p == nil {
		return nil
	}
	if done := p.compiled.Load(); done != nil {
		return done
	}
	made, err := policy.Parse(p.kind, []byte(p.text))
	if err != nil {
		log.WarnContext(context.Background(), "a stored policy is refused and so denies everything", "holder", holder, "policy", name, "err", err)
		made = denials[p.kind]()
	}
	p.compiled.CompareAndSwap(nil, made) // what others see stays one value
	return p.compiled.Load()
}

// guarding is policy of a permissions policy on a domain or a repository,
// whose name is not spelled for every request.
func (p *program) guarding(log *slog.Logger, on fmt.Stringer) *policy.Policy {
	if p == nil {
		return nil
	}
	if done := p.compiled.Load(); done != nil {
		return done
	}
	return p.policy(log, on.String(), "permissions policy")
}

// denials are policies that deny everything to everybody they are about, by
// kind.
var denials = [...]func() *policy.Policy{
	policy.Identity: denies(policy.Identity, `{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`),
	policy.Resource: denies(policy.Resource, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`),
	policy.Trust:    denies(policy.Trust, `{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:*"}}`),
}

// denies returns a policy of ours, of which a test says that it parses.
func denies(k policy.Kind, document string) func() *policy.Policy {
	return sync.OnceValue(func() *policy.Policy {
		p, _ := policy.Parse(k, []byte(document))
		return p
	})
}

// programs hands out one program per document for as long as anybody has it.
type programs struct {
	mu     sync.Mutex // guards what follows
	byHash map[[sha256.Size]byte]weak.Pointer[program]
	sweep  int // how many there are when those that nobody has are looked for
}

// of returns the program of a document; nil for an empty one.
func (ps *programs) of(k policy.Kind, text string) *program {
	if text == "" {
		return nil
	}
	hash := sha256.Sum256(append([]byte{byte(k)}, text...))
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.byHash[hash].Value(); p != nil {
		return p
	}
	if ps.byHash == nil {
		ps.byHash = map[[sha256.Size]byte]weak.Pointer[program]{}
	}
	if len(ps.byHash) >= max(ps.sweep, 1024) {
		for hash, p := range ps.byHash {
			if p.Value() == nil {
				delete(ps.byHash, hash)
			}
		}
		ps.sweep = 2 * len(ps.byHash)
	}
	p := &program{kind: k, text: text}
	ps.byHash[hash] = weak.Make(p)
	return p
}
