package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

const (
	refreshEvery = time.Second
	collectEvery = time.Hour
	expireEvery  = time.Hour
	rotateEvery  = 24 * time.Hour

	lookAtKeysEvery = time.Minute
)

// startJobs starts what goes on beside requests, until ctx ends.
func (s *Server) startJobs(ctx context.Context) *sync.WaitGroup {
	var jobs sync.WaitGroup
	if !s.db.Shared() { // else nodes follow each other
		jobs.Go(func() { s.every(ctx, "refresh", refreshEvery, s.Identity.Refresh) })
	}
	jobs.Go(func() { s.every(ctx, "rotate", lookAtKeysEvery, s.rotateWhenDue()) })
	jobs.Go(func() { s.every(ctx, "expire", expireEvery, s.leased("expire", expireEvery, s.Identity.Expire)) })
	jobs.Go(func() { s.every(ctx, "collect", collectEvery, s.leased("collect", collectEvery, s.collect)) })
	return &jobs
}

// every runs a job at an interval. A failure is an operator's business: the
// job is tried again at the next turn.
func (s *Server) every(ctx context.Context, name string, interval time.Duration, run func(context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := run(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "job failed", "job", name, "err", err)
		}
	}
}

// leased runs a job on one of several nodes only.
func (s *Server) leased(name string, interval time.Duration, run func(context.Context) error) func(context.Context) error {
	holder := newRequestID()
	return func(ctx context.Context) error {
		var mine bool
		err := s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
			now := s.now()
			mine, err = tx.Lease(ctx, name, holder, now, now.Add(interval/2))
			return err
		})
		if err != nil || !mine {
			return err
		}
		return run(ctx)
	}
}

func (s *Server) collect(ctx context.Context) error {
	return errors.Join(s.Registry.Collect(ctx, registry.Collector{}), s.bytes.Sweep())
}
