package awsquery

import (
	"slices"
	"strconv"
	"strings"

	"larder.example/larder/internal/wire"
)

// parameters are those of a request, by name. Names are paths with dots; what
// lies below one is found in a sorted list, so that what strangers send costs
// no more than it is long.
type parameters struct {
	values map[string]string
	sorted []string
}

// collect gathers pairs. Of a repeated one the first counts.
func collect(lists ...[]wire.Pair) parameters {
	p := parameters{values: make(map[string]string)}
	for _, pairs := range lists {
		for _, pair := range pairs {
			if _, ok := p.values[pair.Name]; !ok {
				p.values[pair.Name] = pair.Value
				p.sorted = append(p.sorted, pair.Name)
			}
		}
	}
	slices.Sort(p.sorted)
	return p
}

// below returns the names that begin with prefix.
func (p *parameters) below(prefix string) []string {
	first, _ := slices.BinarySearch(p.sorted, prefix)
	rest := p.sorted[first:]
	n := 0
	for n < len(rest) && strings.HasPrefix(rest[n], prefix) {
		n++
	}
	return rest[:n]
}

func (p *parameters) anyBelow(name string) bool {
	i, _ := slices.BinarySearch(p.sorted, name+".")
	return i < len(p.sorted) && strings.HasPrefix(p.sorted[i], name+".")
}

// numbered returns the numbers that follow prefix in names, in order. Gaps
// are closed up: what a caller sent is not dropped for its number.
func (p *parameters) numbered(prefix string) []int {
	var out []int
	for _, name := range p.below(prefix) {
		digits, _, _ := strings.Cut(name[len(prefix):], ".")
		n, err := strconv.Atoi(digits)
		if err == nil && n > 0 && strconv.Itoa(n) == digits {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
