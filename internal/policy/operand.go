package policy

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// notA is the error of a literal that its operator cannot read. AWS stores
// some of these and never matches them: a Deny with a typing error would then
// guard nothing.
func notA(what, value string) error {
	return fmt.Errorf("%q is not a valid %s", value, what)
}

// texts compares strings, with wildcards if they were compiled with them.
type texts []pattern

func compileTexts(values []string, d dialect, key func(string)) texts {
	t := make(texts, len(values))
	for i, v := range values {
		t[i] = d.compile(v, key)
	}
	return t
}

func (t texts) match(value string, k Keys) (bool, bool) {
	known := true
	for i := range t {
		matched, ok := t[i].match(value, k)
		if matched {
			return true, true
		}
		known = known && ok
	}
	return false, known
}

// folded compares strings without regard to case.
type folded []pattern

func (f folded) match(value string, k Keys) (bool, bool) {
	known := true
	for i := range f {
		text, resolved := f[i].expand(k)
		if resolved && strings.EqualFold(text, value) {
			return true, true
		}
		known = known && resolved
	}
	return false, known
}

// numbers compares decimal numbers.
type numbers struct {
	relation relation
	values   []decimal
}

func compileNumbers(r relation, values []string) (operand, error) {
	n := numbers{relation: r, values: make([]decimal, len(values))}
	for i, v := range values {
		d, ok := parseDecimal(v)
		if !ok {
			return nil, notA("number", v)
		}
		n.values[i] = d
	}
	return n, nil
}

func (n numbers) match(value string, _ Keys) (bool, bool) {
	d, ok := parseDecimal(value)
	if !ok {
		return false, false
	}
	for i := range n.values {
		if n.relation.holds(d.compare(n.values[i])) {
			return true, true
		}
	}
	return false, true
}

// dates compares points in time.
type dates struct {
	relation relation
	values   []time.Time
}

func compileDates(r relation, values []string) (operand, error) {
	d := dates{relation: r, values: make([]time.Time, len(values))}
	for i, v := range values {
		t, ok := parseDate(v)
		if !ok {
			return nil, notA("date", v)
		}
		d.values[i] = t
	}
	return d, nil
}

func (d dates) match(value string, _ Keys) (bool, bool) {
	t, ok := parseDate(value)
	if !ok {
		return false, false
	}
	for i := range d.values {
		if d.relation.holds(t.Compare(d.values[i])) {
			return true, true
		}
	}
	return false, true
}

// bools says which of false and true match.
type bools [2]bool

// parseTruths reads booleans and returns whether false and true are among
// them.
func parseTruths(values []string) (given [2]bool, err error) {
	for _, v := range values {
		i, ok := truth(v)
		if !ok {
			return given, notA("boolean", v)
		}
		given[i] = true
	}
	return given, nil
}

// truth reads a boolean as an index: 0 for false, 1 for true.
func truth(s string) (int, bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return 1, true
	case strings.EqualFold(s, "false"):
		return 0, true
	}
	return 0, false
}

func compileBools(values []string) (operand, error) {
	accepts, err := parseTruths(values)
	return bools(accepts), err
}

func (b bools) match(value string, _ Keys) (bool, bool) {
	i, ok := truth(value)
	return ok && b[i], ok
}

// blobs compares bytes. The policy has them in base64, the request as they
// are.
type blobs [][]byte

func compileBinary(values []string) (operand, error) {
	b := make(blobs, len(values))
	for i, v := range values {
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return nil, notA("base64 value", v)
		}
		b[i] = raw
	}
	return b, nil
}

func (b blobs) match(value string, _ Keys) (bool, bool) {
	for i := range b {
		if string(b[i]) == value {
			return true, true
		}
	}
	return false, true
}

// networks compares IP addresses with ranges.
type networks []netip.Prefix

func compileAddresses(values []string) (operand, error) {
	n := make(networks, len(values))
	for i, v := range values {
		p, ok := parseNetwork(v)
		if !ok {
			return nil, notA("IP address or range", v)
		}
		n[i] = p
	}
	return n, nil
}

// parseNetwork reads a CIDR range, or an address as the range of itself.
// IPv4 in IPv6's clothes is IPv4, as it is in requests.
func parseNetwork(s string) (netip.Prefix, bool) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), err == nil && a.Zone() == ""
	}
	p, err := netip.ParsePrefix(s)
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), err == nil
}

func (n networks) match(value string, _ Keys) (bool, bool) {
	a, err := netip.ParseAddr(value)
	if err != nil {
		return false, false
	}
	a = a.Unmap().WithZone("")
	for i := range n {
		if n[i].Contains(a) {
			return true, true
		}
	}
	return false, true
}

// arns compares ARNs component by component: a star stays between its colons.
type arns [][6]pattern

func compileARNs(values []string, d dialect, key func(string)) (operand, error) {
	a := make(arns, len(values))
	for i, v := range values {
		if v == "*" { // any ARN; our reading
			for j := range a[i] {
				a[i][j] = pattern{form: anything}
			}
			continue
		}
		components := splitARN(v, d.variables)
		if components == nil {
			return nil, notA("ARN", v)
		}
		for j, c := range components {
			a[i][j] = d.compile(c, key)
		}
	}
	return a, nil
}

// splitARN cuts a pattern at its first five colons, not counting those in
// variables. It returns nil if there are fewer.
func splitARN(s string, variables bool) []string {
	var components []string
	start := 0
	for i := 0; i < len(s) && len(components) < 5; i++ {
		switch {
		case s[i] == ':':
			components = append(components, s[start:i])
			start = i + 1
		case variables && strings.HasPrefix(s[i:], "${"):
			if end := strings.IndexByte(s[i:], '}'); end > 0 {
				i += end
			}
		}
	}
	if len(components) < 5 {
		return nil
	}
	return append(components, s[start:])
}

func (a arns) match(value string, k Keys) (bool, bool) {
	known := true
	for i := range a {
		matched, resolved := matchARN(&a[i], value, k)
		if matched {
			return true, true
		}
		known = known && resolved
	}
	return false, known
}

func matchARN(p *[6]pattern, value string, k Keys) (matched, resolved bool) {
	matched, resolved = true, true
	for i := range p {
		component, rest, more := strings.Cut(value, ":")
		if i == 5 {
			component = value
		} else if !more {
			return false, false
		}
		m, r := p[i].match(component, k)
		matched, resolved = matched && m, resolved && r
		value = rest
	}
	return matched, resolved
}
