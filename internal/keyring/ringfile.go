package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// storedRing is a ring as it is kept.
type storedRing struct {
	Version     int                `json:"version"`
	Instance    []byte             `json:"instance"`
	Generations []storedGeneration `json:"generations"`    // the last is active
	Next        *storedGeneration  `json:"next,omitempty"` // is not yet
	DataKeys    []storedDataKey    `json:"dataKeys"`       // the last encrypts
}

type storedGeneration struct {
	Kid     byte      `json:"kid"`
	Epoch   []byte    `json:"epoch"`
	Created time.Time `json:"created"`
}

type storedDataKey struct {
	ID      uint32    `json:"id"`
	Wrapped []byte    `json:"wrapped"`
	Created time.Time `json:"created"`
}

const ringVersion = 1

func readRing(path string) (*storedRing, error) {
	b, err := readSecret(path, ownerOnly)
	if err != nil {
		return nil, err
	}
	s, err := parseRing(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// parseRing reads a ring and checks all that needs no key.
func parseRing(b []byte) (*storedRing, error) {
	var s storedRing
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("it is damaged: something follows the ring")
	}
	switch {
	case s.Version != ringVersion:
		return nil, fmt.Errorf("it has version %d, of which this program knows nothing", s.Version)
	case len(s.Instance) != len(Ring{}.instance):
		return nil, errors.New("it is damaged: the instance has the wrong length")
	case len(s.Generations) == 0 || len(s.DataKeys) == 0:
		return nil, errors.New("it is damaged: it has no keys")
	}
	kids := make(map[byte]bool)
	all := s.Generations
	if s.Next != nil {
		all = append(slices.Clone(all), *s.Next)
	}
	for _, g := range all {
		if len(g.Epoch) != len(generation{}.epoch) || allZero(g.Epoch) || kids[g.Kid] {
			return nil, fmt.Errorf("it is damaged: key %d", g.Kid)
		}
		kids[g.Kid] = true
	}
	ids := make(map[uint32]bool)
	for _, k := range s.DataKeys {
		if ids[k.ID] {
			return nil, fmt.Errorf("it is damaged: data key %d", k.ID)
		}
		ids[k.ID] = true
	}
	return &s, nil
}

func allZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// load fills the ring from what is kept of it.
func (r *Ring) load(s *storedRing) error {
	copy(r.instance[:], s.Instance)
	for _, k := range s.DataKeys {
		key, err := r.unwrap(k)
		if err != nil {
			return err
		}
		r.data = append(r.data, key)
	}
	c, err := r.forge(s)
	if err == nil {
		r.chain.Store(c)
	}
	return err
}

// forge makes the keys of the generations.
func (r *Ring) forge(s *storedRing) (*chain, error) {
	c := &chain{}
	for _, g := range s.Generations {
		made, err := r.generation(g)
		if err != nil {
			return nil, err
		}
		c.generations = append(c.generations, made)
	}
	if s.Next == nil {
		return c, nil
	}
	var err error
	c.next, err = r.generation(*s.Next)
	return c, err
}

func (r *Ring) generation(g storedGeneration) (*generation, error) {
	return newGeneration(r.master, r.instance, g.Kid, [8]byte(g.Epoch), g.Created)
}

// encode returns the ring with a chain as it is kept.
func (r *Ring) encode(c *chain) ([]byte, error) {
	s := storedRing{Version: ringVersion, Instance: r.instance[:]}
	for _, g := range c.generations {
		s.Generations = append(s.Generations, g.stored())
	}
	if c.next != nil {
		next := c.next.stored()
		s.Next = &next
	}
	for _, k := range r.data {
		s.DataKeys = append(s.DataKeys, storedDataKey{k.id, r.wrapped(k), k.created})
	}
	b, err := json.MarshalIndent(s, "", "\t")
	return append(b, '\n'), err
}

func (g *generation) stored() storedGeneration {
	return storedGeneration{g.kid, g.epoch[:], g.created}
}
