package keyring

import (
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"time"
)

// Purpose is what is sealed.
type Purpose int

// The purposes. What is sealed for one opens for none of the others.
const (
	Bearer       Purpose = iota // authorization tokens
	SessionToken                // of temporary credentials
	Marker                      // of pages: nextToken, Marker
)

// purposes says under which label the keys are derived, and how long what they
// seal may live, which is how long they outlive their generation.
var purposes = [...]struct {
	label string
	lives time.Duration
}{
	Bearer:       {"bearer", 12 * time.Hour},
	SessionToken: {"sts-token", 36 * time.Hour}, // GetSessionToken's longest
	Marker:       {"marker", 12 * time.Hour},
}

// skew is how far the clocks of those who seal and open may be apart: what
// Signature Version 4 allows.
const skew = 15 * time.Minute

// longest is how long a generation is kept after it stopped being active.
const longest = 36*time.Hour + skew

// generation is the sealing keys of a time.
type generation struct {
	kid     byte
	epoch   [8]byte // random: a kid that comes again has other keys
	created time.Time
	keys    [len(purposes)]sealing
}

// sealing is the key of one purpose.
type sealing struct {
	aead cipher.AEAD
	aad  []byte // what every message of it is bound to
}

// sealedVersion begins everything that is sealed, and all that it is bound to.
const sealedVersion = 1

// newGeneration makes the keys of a generation that is new if epoch is zero.
func newGeneration(master []byte, instance [16]byte, kid byte, epoch [8]byte, created time.Time) (*generation, error) {
	if epoch == [8]byte{} {
		rand.Read(epoch[:])
	}
	// Without its monotonic part, which stands still while a machine sleeps.
	g := &generation{kid: kid, epoch: epoch, created: created.UTC().Round(0)}
	for p, purpose := range purposes {
		aead, err := deriveSealer(master, purpose.label+string([]byte{kid})+string(epoch[:]))
		if err != nil {
			return nil, err
		}
		aad := append([]byte{sealedVersion, kid}, purpose.label...)
		g.keys[p] = sealing{aead, append(aad, instance[:]...)}
	}
	return g, nil
}

// chain is the generations that there are.
type chain struct {
	generations

	// next opens already, and seals once every node knows it. Nil: none is to
	// come.
	next *generation
}

// opens returns the generation kid if it may open what was sealed for p.
func (c *chain) opens(kid byte, p Purpose, now time.Time) *generation {
	if c.next != nil && c.next.kid == kid {
		return c.next
	}
	return c.generations.opens(kid, p, now)
}

// generations are in the order in which they were active; the last one is.
type generations []*generation

func (gs generations) active() *generation { return gs[len(gs)-1] }

// opens returns the generation kid if it may open what was sealed for p.
func (gs generations) opens(kid byte, p Purpose, now time.Time) *generation {
	for i, g := range gs {
		if g.kid == kid && gs.keeps(i, purposes[p].lives+skew, now) {
			return g
		}
	}
	return nil
}

// keeps reports whether the generation i is active or stopped being so at most
// d ago.
func (gs generations) keeps(i int, d time.Duration, now time.Time) bool {
	return i == len(gs)-1 || now.Sub(gs[i+1].created) <= d
}

// kept returns those that may still open something.
func (gs generations) kept(now time.Time) generations {
	var kept generations
	for i, g := range gs {
		if gs.keeps(i, longest, now) {
			kept = append(kept, g)
		}
	}
	return kept
}

// freeKid returns the first kid after last that no generation has.
func (gs generations) freeKid(last byte) (byte, error) {
	for i := range byte(255) {
		if kid := last + 1 + i; !gs.has(kid) {
			return kid, nil
		}
	}
	return 0, fmt.Errorf("all key ids are in use: there were too many rotations in %v", longest)
}

func (gs generations) has(kid byte) bool {
	for _, g := range gs {
		if g.kid == kid {
			return true
		}
	}
	return false
}
