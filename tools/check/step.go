package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"
)

// step is one thing that check does.
type step struct {
	name, about string

	// last steps run one by one when all others are done: what they need is
	// there then, and so is the machine. They do not run if setUp failed.
	last, setUp bool

	// run returns what is worth a word on the step's line, or below it. The
	// text of its error is all that the step had to say.
	run func(context.Context) (note string, err error)
}

// runAll runs steps, as many at once as there are processors, and reports
// each to w as it ends.
func runAll(ctx context.Context, w io.Writer, steps []step) error {
	var (
		wg     sync.WaitGroup
		slot   = make(chan struct{}, runtime.GOMAXPROCS(0))
		mu     sync.Mutex // guards w and what follows
		failed []string
		unset  bool
	)
	one := func(s step) {
		began := time.Now()
		note, err := s.run(ctx)
		took := time.Since(began)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed = append(failed, s.name)
			unset = unset || s.setUp
		}
		report(w, s.name, took, note, err)
	}
	for _, s := range steps {
		if s.last {
			continue
		}
		slot <- struct{}{}
		wg.Go(func() {
			defer func() { <-slot }()
			one(s)
		})
	}
	wg.Wait()
	for _, s := range steps {
		if !s.last {
			continue
		}
		if unset {
			s.run = func(context.Context) (string, error) {
				return "", errors.New("not run: what it needs is not there")
			}
		}
		one(s)
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return nil
}

func report(w io.Writer, name string, took time.Duration, note string, err error) {
	word := "ok"
	if err != nil {
		word = "FAIL"
	}
	fmt.Fprintf(w, "%-4s  %-9s %7.1fs", word, name, took.Seconds())
	if note != "" {
		fmt.Fprintf(w, "  %s", note)
	}
	fmt.Fprintln(w)
	if err != nil {
		fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(err.Error()))
	}
}
