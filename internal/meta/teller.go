package meta

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

const (
	// tellEvery is how often others are told at most, however much is
	// published.
	tellEvery = 20 * time.Millisecond

	tellTime = time.Second
)

// teller tells the other nodes that packages changed. It does so beside the
// publish, which is not kept waiting: who is not told finds it at the next
// interval. A nil teller tells nobody.
type teller struct {
	news chan struct{} // holds one if there is something to tell
	stop func()
	done sync.WaitGroup
}

func startTelling(f Follower, write *sql.DB) *teller {
	ctx, stop := context.WithCancel(context.Background())
	t := &teller{news: make(chan struct{}, 1), stop: stop}
	t.done.Go(func() {
		for {
			select {
			case <-t.news:
			case <-ctx.Done():
				return
			}
			telling, cancel := context.WithTimeout(ctx, tellTime)
			_ = f.Tell(telling, write)
			cancel()
			select {
			case <-time.After(tellEvery):
			case <-ctx.Done():
				return
			}
		}
	})
	return t
}

func (t *teller) tell() {
	if t == nil {
		return
	}
	select {
	case t.news <- struct{}{}:
	default: // is told with what is there
	}
}

func (t *teller) close() {
	if t == nil {
		return
	}
	t.stop()
	t.done.Wait()
}
