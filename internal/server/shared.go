package server

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"larder.example/larder/internal/blob/dir"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
)

// openKeys opens the key ring: a file of one node, or what several nodes keep
// in their database.
func (s *Server) openKeys(ctx context.Context) (err error) {
	where := keyring.Config{
		Dir: filepath.Join(s.config.Data, "keys"), File: s.config.MasterKeyFile,
		Credentials: os.Getenv("CREDENTIALS_DIRECTORY"), Value: string(s.config.MasterKey),
	}
	if !s.db.Shared() {
		s.keys, err = keyring.Open(where, s.now())
		return err
	}
	ring, err := s.common(ctx, meta.KeyRing, func() ([]byte, error) { return s.newRing(ctx, where) })
	if err != nil {
		return err
	}
	s.keys, err = keyring.Load(where, ring)
	return err
}

// newRing returns the ring of a registry whose database has none. With another
// than the one that it was made with, none of its secrets would ever open.
func (s *Server) newRing(ctx context.Context, where keyring.Config) ([]byte, error) {
	accounts, err := s.db.Now().Accounts(ctx)
	if err == nil && len(accounts) > 0 && !where.HasFile() {
		err = fmt.Errorf("the database has accounts, and neither it nor %s has their key ring: first start larderd with the data directory that served it before", where.Dir)
	}
	if err != nil {
		return nil, err
	}
	return keyring.New(where, s.now())
}

// common returns what all nodes have alike. The first node makes it.
func (s *Server) common(ctx context.Context, c meta.Common, make func() ([]byte, error)) ([]byte, error) {
	value, err := s.db.Now().Shared(ctx, c)
	if err != nil || value != nil {
		return value, err
	}
	made, err := make()
	if err != nil {
		return nil, err
	}
	err = s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if value, err = tx.Shared(ctx, c); err != nil || value != nil {
			return err
		}
		value = made
		return tx.Share(ctx, c, made)
	})
	return value, err
}

// openBytes opens the store of the packages' bytes. One that the lock of the
// data directory does not guard says whose it is, and the database says which
// it has: nodes must have it in common, and registries must not.
func (s *Server) openBytes(ctx context.Context) (*dir.Store, error) {
	known, err := s.db.Now().Shared(ctx, meta.Bytes)
	if err != nil {
		return nil, err
	}
	root := s.config.Blob
	if root == "" {
		root = filepath.Join(s.config.Data, "blobs")
		if !s.db.Shared() && known == nil {
			return dir.Open(root)
		}
	}
	store, mark, err := dir.OpenShared(root, fmt.Sprintf("%x", s.keys.Instance()))
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, store)
	known, err = s.common(ctx, meta.Bytes, func() ([]byte, error) { return []byte(mark), nil })
	if err == nil && string(known) != mark {
		err = fmt.Errorf("%s has not the bytes of this database: name the directory that has with LARDER_BLOB", root)
	}
	return store, err
}

// rotateWhenDue returns the job that begins a new generation of token keys once
// a day. It takes the lease, which is a write, on no other occasion.
func (s *Server) rotateWhenDue() func(context.Context) error {
	rotate := s.leased("rotate", lookAtKeysEvery, s.rotate)
	return func(ctx context.Context) error {
		if s.now().Sub(s.keys.Since()) < rotateEvery {
			return nil
		}
		return rotate(ctx)
	}
}

// rotate begins a new generation of token keys, if the one that seals is a day
// old.
func (s *Server) rotate(ctx context.Context) error {
	now := s.now()
	if now.Sub(s.keys.Since()) < rotateEvery {
		return nil
	}
	if !s.db.Shared() {
		return s.keys.Rotate(now)
	}
	// A change is made once every node that serves has loaded it. Clocks may
	// let two nodes rotate at once: what begins is what was announced here, or
	// nothing.
	var announced []byte
	err := s.changeRing(ctx, func(ring []byte) (_ []byte, err error) {
		announced, err = s.keys.Announce(ring, now, rotateEvery)
		return announced, err
	})
	if err != nil {
		return err
	}
	return s.changeRing(ctx, func(ring []byte) ([]byte, error) {
		if !bytes.Equal(ring, announced) {
			return ring, nil
		}
		return s.keys.Advance(ring, s.now())
	})
}

func (s *Server) changeRing(ctx context.Context, change func([]byte) ([]byte, error)) error {
	return s.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		ring, err := tx.Shared(ctx, meta.KeyRing)
		if err != nil {
			return err
		}
		if ring, err = change(ring); err != nil {
			return err
		}
		return tx.Share(ctx, meta.KeyRing, ring)
	})
}
