package pypi

import (
	"cmp"
	"slices"
	"strings"
)

// version is a version as PEP 440 reads it. Numbers are strings of digits
// without leading zeros: they have no bound there, and dates with times make
// long ones. Local segments stand beside them, which is why the type is one.
type version struct {
	epoch   string
	release []string
	pre     string // a, b or rc; empty: a release
	preN    string
	post    string // empty: none
	dev     string // empty: none
	local   []string
}

// parseVersion reads a version in any spelling that PEP 440 takes, and
// reports false if it is none.
func parseVersion(s string) (version, bool) {
	s = strings.Trim(s, " \t\n\r\f\v")
	for i := range len(s) {
		if s[i] >= 0x80 {
			return version{}, false // before letters outside ASCII are lowered into it
		}
	}
	s = strings.TrimPrefix(strings.ToLower(s), "v")
	sc := scanner{s}
	v := version{epoch: "0"}
	first, ok := sc.number()
	if ok && sc.skip("!") {
		v.epoch = first
		first, ok = sc.number()
	}
	if !ok {
		return version{}, false
	}
	v.release = append(v.release, first)
	for len(sc.s) > 1 && sc.s[0] == '.' && isDigit(sc.s[1]) {
		sc.s = sc.s[1:]
		n, _ := sc.number()
		v.release = append(v.release, n)
	}
	v.suffixes(&sc)
	if sc.skip("+") {
		v.local, ok = sc.local()
	}
	return v, ok && sc.s == ""
}

// suffixes reads what may stand between the release and a local version. An
// absent number is 0, and -N alone a post release.
func (v *version) suffixes(sc *scanner) {
	if label, n, ok := sc.suffix("alpha", "a", "beta", "b", "preview", "pre", "c", "rc"); ok {
		v.preN = n
		switch v.pre = "rc"; label[0] {
		case 'a':
			v.pre = "a"
		case 'b':
			v.pre = "b"
		}
	}
	if len(sc.s) > 1 && sc.s[0] == '-' && isDigit(sc.s[1]) {
		sc.s = sc.s[1:]
		v.post, _ = sc.number()
	} else if _, n, ok := sc.suffix("post", "rev", "r"); ok {
		v.post = n
	}
	if _, n, ok := sc.suffix("dev"); ok {
		v.dev = n
	}
}

// scanner takes a version apart from its front.
type scanner struct{ s string }

func (sc *scanner) skip(prefix string) (ok bool) {
	sc.s, ok = strings.CutPrefix(sc.s, prefix)
	return ok
}

func (sc *scanner) number() (string, bool) {
	i := 0
	for i < len(sc.s) && isDigit(sc.s[i]) {
		i++
	}
	n := sc.s[:i]
	sc.s = sc.s[i:]
	return trimZeros(n), n != ""
}

// suffix reads one of labels with a separator before and behind it, both of
// which may be absent, and the number that may follow.
func (sc *scanner) suffix(labels ...string) (label, n string, ok bool) {
	rest := sc.s
	if rest != "" && isSeparator(rest[0]) {
		rest = rest[1:]
	}
	for _, label := range labels {
		if behind, found := strings.CutPrefix(rest, label); found {
			if behind != "" && isSeparator(behind[0]) {
				behind = behind[1:]
			}
			sc.s = behind
			if n, ok = sc.number(); !ok {
				n = "0"
			}
			return label, n, true
		}
	}
	return "", "", false
}

// local reads the segments of a local version.
func (sc *scanner) local() ([]string, bool) {
	segments := strings.FieldsFunc(sc.s, func(r rune) bool { return r < 0x80 && isSeparator(byte(r)) })
	length := 0
	for i, segment := range segments {
		length += len(segment) + 1
		digits := true
		for j := range len(segment) {
			if !isAlphanumeric(segment[j]) {
				return nil, false
			}
			digits = digits && isDigit(segment[j])
		}
		if digits {
			segments[i] = trimZeros(segment)
		}
	}
	if length != len(sc.s)+1 { // a separator too many
		return nil, false
	}
	sc.s = ""
	return segments, true
}

// trimZeros returns digits without leading zeros.
func trimZeros(digits string) string {
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	return digits
}

// String returns the normal form.
func (v version) String() string {
	var b strings.Builder
	if v.epoch != "0" {
		b.WriteString(v.epoch + "!")
	}
	for i, n := range v.release {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(n)
	}
	b.WriteString(v.pre + v.preN)
	if v.post != "" {
		b.WriteString(".post" + v.post)
	}
	if v.dev != "" {
		b.WriteString(".dev" + v.dev)
	}
	for i, segment := range v.local {
		b.WriteByte("+."[min(i, 1)])
		b.WriteString(segment)
	}
	return b.String()
}

// order orders versions as PEP 440 does: 1.0 and 1.0.0 are the same to it.
func (v *version) order(w *version) int {
	if c := compareNumbers(v.epoch, w.epoch); c != 0 {
		return c
	}
	if c := slices.CompareFunc(significant(v.release), significant(w.release), compareNumbers); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(v.phase(), w.phase()),
		compareNumbers(v.preN, w.preN),
		compareNumbers(v.post, w.post), // none is before all
		v.compareDev(w),
		slices.CompareFunc(v.local, w.local, compareSegments),
	)
}

// phase orders what may follow a release: a dev release of it comes before
// its alphas.
func (v *version) phase() int {
	switch {
	case v.pre == "a":
		return 1
	case v.pre == "b":
		return 2
	case v.pre == "rc":
		return 3
	case v.post == "" && v.dev != "":
		return 0
	}
	return 4
}

func (v *version) compareDev(w *version) int {
	if v.dev == "" || w.dev == "" {
		return cmp.Compare(len(w.dev), len(v.dev)) // none is behind all
	}
	return compareNumbers(v.dev, w.dev)
}

// significant returns a release without the zeros that it ends in.
func significant(release []string) []string {
	for len(release) > 0 && release[len(release)-1] == "0" {
		release = release[:len(release)-1]
	}
	return release
}

func compareNumbers(a, b string) int {
	if len(a) != len(b) {
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}

// compareSegments orders segments of local versions: words before numbers.
func compareSegments(a, b string) int {
	na, nb := isNumber(a), isNumber(b)
	switch {
	case na && nb:
		return compareNumbers(a, b)
	case na:
		return 1
	case nb:
		return -1
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// compare orders versions as PEP 440 does, and those that it holds equal by
// their text. What is no version comes first.
func compare(a, b string) int {
	va, oka := parseVersion(a)
	vb, okb := parseVersion(b)
	switch {
	case oka && okb:
		return cmp.Or(va.order(&vb), strings.Compare(a, b))
	case oka:
		return 1
	case okb:
		return -1
	}
	return strings.Compare(a, b)
}
