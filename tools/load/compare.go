package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	// quiet is how many cores others may use while something is measured.
	quiet = 0.2

	// patience is how often a run is repeated because others were not quiet.
	patience = 3

	// publishRate is more than either side will publish a second.
	publishRate = 2000
)

// compare measures the shapes, both sides of each in turn.
func (o options) compare(ctx context.Context, l *larderd, dir string, w io.Writer) (err error) {
	all, bare, err := shapes(ctx, l, dir, int(publishRate*o.duration.Seconds()), o.only.MatchString)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	if len(all) == 0 {
		return nil
	}
	runs := map[*target][]run{}
	for i := range o.repetitions {
		for _, s := range all {
			if s.fill != nil {
				if err := s.fill(i); err != nil {
					return err
				}
			}
			for _, t := range []*target{s.larder, s.bare} {
				r, err := o.measure(ctx, t, s.connections)
				if err != nil {
					return err
				}
				runs[t] = append(runs[t], r)
			}
		}
	}
	fmt.Fprintf(w, "Medians of %d runs of %v each, Larder and the bare handler in turn; ratios are medians of the runs' ratios.\n", o.repetitions, o.duration)
	fmt.Fprint(w, "Rates in requests a second; p50 and p99 in us; CPU of the server in us a request; load and others in cores, at most.\n\n")
	fmt.Fprintln(w, "| shape | connections | Larder/s | bare/s | **of bare** | aim | p50 | p99 | bare p50 | CPU | bare CPU | **of bare** | aim | bytes | load | others |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
	for _, s := range all {
		s.print(w, runs[s.larder], runs[s.bare])
	}
	fmt.Fprintln(w)
	for _, s := range all {
		if s.larder.ping.head != nil {
			pinged := func(r run) float64 { return float64(r.ping.Nanoseconds()) / 1e6 }
			fmt.Fprintf(w, "The slowest ping beside %s, %d at once, in each run: median %.1f ms, bare %.1f ms; aim 20.\n\n",
				s.name, s.connections, median(runs[s.larder], pinged), median(runs[s.bare], pinged))
		}
	}
	return nil
}

// measure measures once, again if others were not quiet meanwhile. Publishes
// are not repeated: theirs are used up.
func (o options) measure(ctx context.Context, t *target, connections int) (r run, err error) {
	for range patience {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		r, err = t.measure(ctx, connections, o.duration)
		if err != nil || r.others <= quiet || t.once {
			break
		}
	}
	return r, err
}

func (s *shape) print(w io.Writer, larder, bare []run) {
	rate := func(r run) float64 { return r.rate }
	cpu := func(r run) float64 { return micros(r.cpu) }
	aim := func(sign string, x float64) string {
		if x == 0 {
			return ""
		}
		return fmt.Sprintf("%s %.2f", sign, x)
	}
	cells := []string{
		s.name, fmt.Sprint(s.connections),
		fmt.Sprintf("%.0f", median(larder, rate)), fmt.Sprintf("%.0f", median(bare, rate)),
		fmt.Sprintf("**%.2f**", ratio(larder, bare, rate)), aim(">=", s.least),
		fmt.Sprintf("%.0f", median(larder, func(r run) float64 { return micros(r.p50) })),
		fmt.Sprintf("%.0f", median(larder, func(r run) float64 { return micros(r.p99) })),
		fmt.Sprintf("%.0f", median(bare, func(r run) float64 { return micros(r.p50) })),
		fmt.Sprintf("%.0f", median(larder, cpu)), fmt.Sprintf("%.0f", median(bare, cpu)),
		fmt.Sprintf("**%.2f**", ratio(larder, bare, cpu)), aim("<=", s.most),
		fmt.Sprint(larder[0].size),
		fmt.Sprintf("%.2f", most(larder, bare, func(r run) float64 { return r.load })),
		fmt.Sprintf("%.2f", most(larder, bare, func(r run) float64 { return r.others })),
	}
	fmt.Fprintln(w, "| "+strings.Join(cells, " | ")+" |")
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func median(runs []run, of func(run) float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	return middle(values)
}

// ratio is the median of the ratios of runs that followed each other.
func ratio(a, b []run, of func(run) float64) float64 {
	values := make([]float64, len(a))
	for i := range a {
		values[i] = of(a[i]) / of(b[i])
	}
	return middle(values)
}

func most(a, b []run, of func(run) float64) (x float64) {
	for _, r := range slices.Concat(a, b) {
		x = max(x, of(r))
	}
	return x
}

// middle is the median.
func middle(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
