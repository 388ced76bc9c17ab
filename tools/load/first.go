package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"larder.example/larder"
)

const (
	firstName = "first answer after a publish"

	// manyVersions is how many versions the package has whose packument is
	// made anew.
	manyVersions = 5000
	many         = "@perf/many"

	// firstRounds is how often a document is made anew, and after it asked for
	// again.
	firstRounds = 11
)

// first measures how long a large document takes that a publish has changed,
// and how long from the cache.
func first(ctx context.Context, l *larderd, w io.Writer) error {
	all := make([]message, manyVersions)
	for i := range all {
		m, err := l.manyVersion(i)
		if err != nil {
			return err
		}
		all[i] = m
	}
	if err := l.send(ctx, http.StatusCreated, all); err != nil {
		return err
	}
	for _, d := range []struct {
		name    string
		ask     message
		changed int // the status of what changes it
		change  func(i int) (message, error)
	}{
		{
			"packument of 5,000 versions", l.get(larder.NPM, "@perf%2fmany", "Accept: "+anyJSON, "Accept-Encoding: gzip"), http.StatusCreated,
			func(i int) (message, error) { return l.manyVersion(manyVersions + i) },
		},
		{
			"project page of 2,000 files, JSON", l.get(larder.PyPI, "simple/widget/", "Accept: "+pageJSON, "Accept-Encoding: gzip"), http.StatusOK,
			func(i int) (message, error) {
				m, _, err := l.upload("widget", fmt.Sprintf("2.%d", i), 1<<10)
				return m, err
			},
		},
		{
			"project page of 2,000 files, HTML", l.get(larder.PyPI, "simple/widget/", "Accept: "+pageHTML, "Accept-Encoding: gzip"), http.StatusOK,
			func(i int) (message, error) {
				m, _, err := l.upload("widget", fmt.Sprintf("3.%d", i), 1<<10)
				return m, err
			},
		},
	} {
		c, err := dial(ctx, l.addr)
		if err != nil {
			return err
		}
		var anew, again []time.Duration
		for i := range firstRounds {
			change, err := d.change(i)
			if err != nil {
				return err
			}
			if err := l.send(ctx, d.changed, []message{change}); err != nil {
				return err
			}
			for _, took := range []*[]time.Duration{&anew, &again} {
				begin := time.Now()
				if a, err := c.do(d.ask); err != nil || a.status != http.StatusOK {
					return fmt.Errorf("%s: %d: %w", d.name, a.status, err)
				}
				*took = append(*took, time.Since(begin))
			}
		}
		if err := c.Close(); err != nil {
			return err
		}
		size, err := l.size(ctx, d.ask)
		if err != nil {
			return err
		}
		slices.Sort(anew)
		slices.Sort(again)
		mb := float64(size) / 1e6
		ms := float64(anew[firstRounds/2].Microseconds()) / 1000
		fmt.Fprintf(w, "%s, %.1f MB: %.0f ms after a publish, %.1f ms a MB; then %.1f ms from the cache. Medians of %d.\n",
			d.name, mb, ms, ms/mb, float64(again[firstRounds/2].Microseconds())/1000, firstRounds)
	}
	return nil
}

func (l *larderd) manyVersion(i int) (message, error) {
	v, err := newVersion(many, fmt.Sprintf("1.%d.0", i), 512, 0)
	if err != nil {
		return message{}, err
	}
	document, err := v.document()
	return l.put(many, document), err
}

// size is the size of a document as it is without compression.
func (l *larderd) size(ctx context.Context, ask message) (int, error) {
	c, err := dial(ctx, l.addr)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	a, err := c.ask(ask)
	if err != nil {
		return 0, err
	}
	return unpackedSize(a.body)
}
