package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// target is one side of a comparison: requests to a server.
type target struct {
	name     string
	addr     string
	pid      int
	requests []message // sent in turn
	status   int       // that each must be answered with
	once     bool      // each is sent once: a run ends with them
	ping     message   // sent beside them now and then; empty: nothing is
	next     atomic.Int64
}

// message is a request as it is sent. Its body may be shared.
type message struct{ head, body []byte }

// run is what one run of a target came to.
type run struct {
	rate     float64       // requests a second
	p50, p99 time.Duration // of a request
	cpu      time.Duration // of the server, a request
	size     int64         // of a body
	ping     time.Duration // the slowest answer to what was sent beside
	load     float64       // cores that the generator used
	others   float64       // cores that everybody else used
}

const (
	warmUp = 200 * time.Millisecond

	// pingEvery is how long after an answer the next is sent beside the load.
	pingEvery = 20 * time.Millisecond
)

// measure sends requests over so many connections for so long. Statuses are
// counted: 401 is fast.
func (t *target) measure(ctx context.Context, connections int, d time.Duration) (run, error) {
	if !t.once {
		if _, err := t.send(ctx, connections, warmUp); err != nil {
			return run{}, err
		}
	}
	before, err := t.usage()
	if err != nil {
		return run{}, err
	}
	s, err := t.send(ctx, connections, d)
	if err != nil {
		return run{}, err
	}
	after, err := t.usage()
	if err != nil {
		return run{}, err
	}
	slices.Sort(s.took)
	n := len(s.took)
	if n == 0 {
		return run{}, fmt.Errorf("%s: no request was answered", t.name)
	}
	seconds := s.wall.Seconds()
	server, load := after.server-before.server, after.load-before.load
	return run{
		rate: float64(n) / seconds, p50: s.took[n/2], p99: s.took[n*99/100],
		cpu: server / time.Duration(n), size: s.size, ping: s.ping,
		load:   load.Seconds() / seconds,
		others: max(0, (after.all-before.all-server-load).Seconds()/seconds),
	}, nil
}

type usage struct{ server, load, all time.Duration }

func (t *target) usage() (u usage, err error) {
	if u.server, err = cpu(t.pid); err != nil {
		return u, err
	}
	if u.load, err = cpu(os.Getpid()); err != nil {
		return u, err
	}
	u.all, err = busy()
	return u, err
}

type sample struct {
	took []time.Duration
	wall time.Duration
	size int64
	ping time.Duration
}

func (t *target) send(ctx context.Context, connections int, d time.Duration) (sample, error) {
	samples, errs := make([]sample, connections), make([]error, connections)
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range connections {
		wg.Go(func() { samples[i], errs[i] = t.connect(ctx, begin.Add(d)) })
	}
	var ping time.Duration
	var errPing error
	if t.ping.head != nil {
		wg.Go(func() { ping, errPing = t.slowest(ctx, begin.Add(d)) })
	}
	wg.Wait()
	all := sample{wall: time.Since(begin), ping: ping}
	if errPing != nil {
		return all, fmt.Errorf("ping beside %s: %w", t.name, errPing)
	}
	for i, s := range samples {
		if errs[i] != nil {
			return all, fmt.Errorf("%s: %w", t.name, errs[i])
		}
		all.took = append(all.took, s.took...)
		all.size = max(all.size, s.size)
	}
	return all, nil
}

// slowest sends pings until a time, and returns how long the slowest took.
func (t *target) slowest(ctx context.Context, until time.Time) (longest time.Duration, err error) {
	c, err := dial(ctx, t.addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	for begin := time.Now(); begin.Before(until); begin = time.Now() {
		a, err := c.do(t.ping)
		if err != nil {
			return 0, err
		}
		if a.status != http.StatusOK {
			return 0, fmt.Errorf("answered %d", a.status)
		}
		longest = max(longest, time.Since(begin))
		time.Sleep(pingEvery)
	}
	return longest, nil
}

// connect sends requests over one connection until a time.
func (t *target) connect(ctx context.Context, until time.Time) (s sample, err error) {
	c, err := dial(ctx, t.addr)
	if err != nil {
		return s, err
	}
	defer c.Close()
	s.took = make([]time.Duration, 0, 1<<12)
	for begin := time.Now(); begin.Before(until); {
		n := t.next.Add(1) - 1
		if t.once && n >= int64(len(t.requests)) {
			break
		}
		a, err := c.do(t.requests[n%int64(len(t.requests))])
		if err != nil {
			return s, err
		}
		if a.status != t.status {
			return s, fmt.Errorf("answered %d, want %d", a.status, t.status)
		}
		end := time.Now()
		s.took = append(s.took, end.Sub(begin))
		s.size, begin = a.size, end
	}
	return s, nil
}
