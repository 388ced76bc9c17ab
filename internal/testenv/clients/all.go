package clients

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Installed says how the installation of one client went.
type Installed struct {
	Client Client
	Fresh  bool // it was not there
	Took   time.Duration
}

// InstallAll installs two clients at a time, since half of that is waiting
// for a registry, and says of each that it is there, one after the other. It
// goes on after a failure, and returns all of them.
func InstallAll(ctx context.Context, clients []Client, done func(Installed)) error {
	var (
		wg   sync.WaitGroup
		slot = make(chan struct{}, 2)
		mu   sync.Mutex // guards done and errs
		errs []error
	)
	for _, c := range clients {
		slot <- struct{}{}
		wg.Go(func() {
			defer func() { <-slot }()
			began := time.Now()
			fresh, err := c.Install(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
				return
			}
			done(Installed{Client: c, Fresh: fresh, Took: time.Since(began)})
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
