package server

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// deafTime is how long a node waits before it tries again to hear the others.
const deafTime = 200 * time.Millisecond

// startFollowing starts what keeps this node in step with others, if there may
// be any, and returns what ends it. It goes on while requests in flight are
// finished after ctx has ended: they are answered by what is in force then.
func (s *Server) startFollowing(ctx context.Context) (stop func()) {
	if !s.db.Shared() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.follow(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// follow keeps this node in step with the others that share its database,
// until ctx ends. While it cannot, the node soon answers nobody.
func (s *Server) follow(ctx context.Context) {
	deaf := false
	for {
		err := s.db.Follow(ctx, identity.LookEvery, func(ctx context.Context, tx *meta.Tx, hear meta.Hear) error {
			if deaf {
				deaf = false
				s.log.InfoContext(ctx, "the database answers this node again")
			}
			return s.Identity.Look(ctx, tx, func(ctx context.Context) error { return s.forget(ctx, hear) })
		})
		if ctx.Err() != nil {
			return
		}
		if !deaf {
			deaf = true
			s.log.WarnContext(ctx, "the database does not answer this node, which must not answer anybody then", "err", err)
		}
		select {
		case <-time.After(deafTime):
		case <-ctx.Done():
			return
		}
	}
}

// forget forgets what was made of what other nodes changed.
func (s *Server) forget(ctx context.Context, hear meta.Hear) error {
	news, err := hear(ctx)
	if err != nil {
		return err
	}
	if news.Lost {
		s.packages.DropAll()
	}
	for _, c := range news.Packages {
		if c.Format == "" {
			s.packages.DropDomain(c.Domain)
			continue
		}
		s.packages.Drop(larder.PackageRef{
			Repository: larder.RepositoryRef{Domain: c.Domain}, Format: c.Format, Namespace: c.Namespace, Name: c.Name,
		})
	}
	return nil
}
