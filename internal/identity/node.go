package identity

import (
	"context"
	"time"

	"larder.example/larder/internal/meta"
)

// Several nodes may serve one database. Each looks every LookEvery whether the
// epoch moved, and at once when it is told; it obeys the new one and says so
// in its row. A change is answered once every node has said so. Who does not
// look is not waited for in vain: it stops answering by its own clock, lease
// after its last look, which is before the change gives it up. So no clock is
// compared with another's, and reading costs nothing but a look at one's own.
const (
	LookEvery = 500 * time.Millisecond

	// lease is how long a node answers after a look: long enough for a
	// hiccup of the database.
	lease = 3 * time.Second

	// patience is how long a change waits for nodes. It is longer by what
	// two clocks may go apart in a lease.
	patience = lease + lease/10

	// askTime is how long a question to the database about nodes may take.
	askTime = time.Second
)

// register makes the service one of several nodes, before it loads anything:
// a change that it did not load then waits for it.
func (s *Service) register(ctx context.Context) error {
	if !s.db.Shared() {
		return nil
	}
	id, err := s.newUniqueID("node-")
	if err != nil {
		return err
	}
	s.node = id
	return s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.RegisterNode(ctx, id, s.now()) })
}

// Look sees to it that the service obeys the epoch that there is, says so to
// the other nodes, and so may go on answering for a while. Before it says so
// it calls forget, for what else this node keeps of what others changed. Call
// it as [meta.DB.Follow] does.
func (s *Service) Look(ctx context.Context, tx *meta.Tx, forget func(context.Context) error) error {
	for {
		sent := s.tick()
		p, err := tx.Pulse(ctx, s.node)
		if err != nil {
			return err
		}
		if !p.Registered { // others gave this one up
			if err := tx.RegisterNode(ctx, s.node, s.now()); err != nil {
				return err
			}
			continue
		}
		obeyed, err := s.catchUp(ctx, p.Epoch)
		if err != nil {
			return err
		}
		if err := forget(ctx); err != nil {
			return err
		}
		// Who is given up before he could say that he obeys must not answer:
		// the next change does not wait for him.
		if known, err := s.obeys(ctx, tx, p, obeyed); err != nil {
			return err
		} else if known {
			s.heard.Store(&sent)
			return nil
		}
	}
}

// catchUp loads what changed if the snapshot is of another epoch than e, and
// returns the number of the epoch that is obeyed then.
func (s *Service) catchUp(ctx context.Context, e meta.Epoch) (int64, error) {
	if snap := s.snapshot.Load(); snap != nil && snap.epoch == e {
		return e.N, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if snap := s.snapshot.Load(); snap == nil || snap.epoch != e {
		if err := s.reload(ctx); err != nil {
			return 0, err
		}
	}
	return s.snapshot.Load().epoch.N, nil
}

// obeys says to the others that an epoch is obeyed, unless they know, and
// reports whether this node is still one of them.
func (s *Service) obeys(ctx context.Context, tx *meta.Tx, p meta.Pulse, epoch int64) (bool, error) {
	if p.Obeyed == epoch {
		return true, nil
	}
	return tx.Obey(ctx, s.node, epoch, s.now())
}

// fenced reports whether the service has not looked for so long that changes
// do not wait for it any more. The monotonic clock stands still while a
// machine sleeps, the other one may be set: either is enough.
func (s *Service) fenced() bool {
	if s.node == "" {
		return false
	}
	heard := s.heard.Load()
	if heard == nil {
		return true
	}
	now := s.tick()
	return now.Sub(*heard) > lease || now.Round(0).Sub(heard.Round(0)) > lease
}

// await returns once every node obeys an epoch or has stopped answering.
func (s *Service) await(ctx context.Context, epoch int64) {
	if s.node == "" {
		return
	}
	until := s.tick().Add(patience)
	for pause := time.Millisecond; ; pause = min(2*pause, 16*time.Millisecond) {
		if s.laggards(ctx, epoch) == 0 {
			return
		}
		if s.tick().After(until) {
			break
		}
		time.Sleep(pause)
	}
	s.log.WarnContext(ctx, "a node does not answer; it is given up until it does", "epoch", epoch)
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	err := s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.DropLaggards(ctx, epoch, s.node) })
	if err != nil { // then the next change waits for it too
		s.log.WarnContext(ctx, "a node could not be given up", "err", err)
	}
}

// laggards returns how many nodes do not obey an epoch yet; some, if that
// cannot be read.
func (s *Service) laggards(ctx context.Context, epoch int64) int {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	n, err := s.db.Now().Laggards(ctx, epoch, s.node)
	if err != nil {
		return 1
	}
	return n
}

// Close tells the other nodes not to wait for this one any more. The service
// must answer nobody then.
func (s *Service) Close() error {
	if s.node == "" {
		return nil
	}
	s.heard.Store(nil)
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	return s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.DropNode(ctx, s.node) })
}
