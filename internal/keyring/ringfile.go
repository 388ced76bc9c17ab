package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// storedRing is the ring file.
type storedRing struct {
	Version     int                `json:"version"`
	Instance    []byte             `json:"instance"`
	Generations []storedGeneration `json:"generations"` // the last is active
	DataKeys    []storedDataKey    `json:"dataKeys"`    // the last encrypts
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

// parseRing reads a ring file and checks all that needs no key.
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
	for _, g := range s.Generations {
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

// load fills the ring from its file.
func (r *Ring) load(s *storedRing) error {
	copy(r.instance[:], s.Instance)
	for _, k := range s.DataKeys {
		key, err := r.unwrap(k)
		if err != nil {
			return err
		}
		r.data = append(r.data, key)
	}
	var gs generations
	for _, g := range s.Generations {
		made, err := newGeneration(r.master, r.instance, g.Kid, [8]byte(g.Epoch), g.Created)
		if err != nil {
			return err
		}
		gs = append(gs, made)
	}
	r.generations.Store(&gs)
	return nil
}

func (r *Ring) write(gs generations) error {
	s := storedRing{Version: ringVersion, Instance: r.instance[:]}
	for _, g := range gs {
		s.Generations = append(s.Generations, storedGeneration{g.kid, g.epoch[:], g.created})
	}
	for _, k := range r.data {
		s.DataKeys = append(s.DataKeys, storedDataKey{k.id, r.wrapped(k), k.created})
	}
	b, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		return err
	}
	return writeSecret(r.path, append(b, '\n'))
}
