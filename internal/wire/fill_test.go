package wire_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

// service is a generated contract with the protocol that carries it.
type service struct {
	name     string
	protocol interface {
		wire.Protocol
		wire.ClientProtocol
	}
	each func(func(op wire.Info, in, out reflect.Type))
}

func services() []service {
	return []service{
		{"codeartifact", restjson.Protocol{}, codeartifact.Each},
		{"iam", awsquery.Protocol{}, iam.Each},
		{"sts", awsquery.Protocol{}, sts.Each},
	}
}

// filler fills structs with random values that satisfy their tags.
type filler struct {
	t    *testing.T
	rand *rand.Rand
	all  bool          // optional members too, every time
	tick time.Duration // what times are multiples of

	patterns map[string]compiled
}

// limits are the constraints of one value as its tag states them.
type limits struct {
	min, max  int64 // max < 0: open
	low, high int64
	enum      []string
	pattern   string
	header    bool
}

func readLimits(t *testing.T, tag reflect.StructTag, prefix string) limits {
	l := limits{max: -1, low: -1 << 31, high: 1<<31 - 1, pattern: tag.Get(prefix + "pattern")}
	read := func(key string, min, max *int64) {
		low, high, _ := strings.Cut(tag.Get(prefix+key), ",")
		for i, text := range []string{low, high} {
			if text == "" {
				continue
			}
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			*[]*int64{min, max}[i] = n
		}
	}
	read("len", &l.min, &l.max)
	read("range", &l.low, &l.high)
	if enum := tag.Get(prefix + "enum"); enum != "" {
		l.enum = strings.Split(enum, ",")
	}
	_, l.header = tag.Lookup("header")
	return l
}

// value returns a random value of type typ within what tag says under prefix.
func (f *filler) value(typ reflect.Type, tag reflect.StructTag, prefix string) reflect.Value {
	l := readLimits(f.t, tag, prefix)
	v := reflect.New(typ).Elem()
	switch {
	case typ == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+f.rand.Int64N(1e8), f.rand.Int64N(1e9)).UTC().Truncate(f.tick)))
	case typ == reflect.TypeFor[io.Reader](), typ == reflect.TypeFor[io.ReadCloser]():
		v.Set(reflect.ValueOf(io.NopCloser(strings.NewReader(f.text(limits{max: 3000})))))
	case typ == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte(f.text(limits{min: 1, max: 100})))
	case typ.Kind() == reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(f.value(typ.Elem(), tag, prefix))
	case typ.Kind() == reflect.Struct:
		f.structure(v)
	case typ.Kind() == reflect.String:
		v.SetString(f.text(l))
	case typ.Kind() == reflect.Bool:
		v.SetBool(f.rand.IntN(2) == 0)
	case typ.Kind() == reflect.Int, typ.Kind() == reflect.Int64:
		v.SetInt(l.low + f.rand.Int64N(l.high-l.low+1))
	case typ.Kind() == reflect.Slice:
		n := f.count(l)
		v.Set(reflect.MakeSlice(typ, n, n))
		for i := range n {
			v.Index(i).Set(f.value(typ.Elem(), tag, prefix+"each."))
		}
	case typ.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(typ))
		for range f.count(l) {
			v.SetMapIndex(f.value(typ.Key(), tag, prefix+"key."), f.value(typ.Elem(), tag, prefix+"value."))
		}
	default:
		f.t.Fatalf("cannot fill a %s", typ)
	}
	return v
}

// structure fills a structure. It leaves out optional members at random, but
// not all of them: a form cannot say that there is an item with nothing in it.
func (f *filler) structure(v reflect.Value) {
	for field, fv := range v.Fields() {
		required := field.Tag.Get("required") == "true" || field.Tag.Get("payload") == "true"
		if required || f.all || field.Index[0] == 0 || f.rand.IntN(3) > 0 {
			fv.Set(f.value(field.Type, field.Tag, ""))
		}
	}
}

func (f *filler) count(l limits) int {
	n := int(l.min) + f.rand.IntN(4)
	if f.all && n == 0 {
		n = 1
	}
	return n
}

// text returns a random string within the limits.
func (f *filler) text(l limits) string {
	if l.enum != nil {
		return l.enum[f.rand.IntN(len(l.enum))]
	}
	if l.pattern == "" {
		l.pattern = `\P{C}*`
	}
	if strings.Contains(l.pattern, "(?!") { // an account alias
		return "a" + strconv.FormatUint(f.rand.Uint64(), 36) + "z"
	}
	p := f.pattern(l.pattern)
	high := l.min + 30
	if l.max >= 0 {
		high = min(high, l.max)
	}
	for range 10000 {
		var b strings.Builder
		f.sample(&b, p.tree, int(l.min+f.rand.Int64N(high-l.min+1)))
		s := b.String()
		n := int64(utf8.RuneCountInString(s))
		if p.re.MatchString(s) && n >= l.min && n <= high && (!l.header || s == strings.TrimSpace(s)) {
			return s
		}
	}
	f.t.Fatalf("no string found for %s of %d to %d", l.pattern, l.min, l.max)
	return ""
}

type compiled struct {
	tree *syntax.Regexp
	re   *regexp.Regexp
}

// pattern compiles a pattern, once.
func (f *filler) pattern(java string) compiled {
	if p, ok := f.patterns[java]; ok {
		return p
	}
	expr, err := wire.FromJava(java)
	if err != nil {
		f.t.Fatal(err)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		f.t.Fatal(err)
	}
	f.patterns[java] = compiled{tree, regexp.MustCompile(`\A(?:` + expr + `)\z`)}
	return f.patterns[java]
}

// matches reports whether a whole string satisfies a pattern.
func (f *filler) matches(java, s string) bool {
	if !strings.Contains(java, "(?!") {
		return f.pattern(java).re.MatchString(s)
	}
	ok, err := wire.MatchPattern(java, s)
	if err != nil {
		f.t.Fatal(err)
	}
	return ok
}

// sample writes a string of the expression, in which what repeats without end
// repeats n times.
func (f *filler) sample(b *strings.Builder, e *syntax.Regexp, n int) {
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteRune(f.char(e.Rune))
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range e.Sub {
			f.sample(b, sub, n)
		}
	case syntax.OpAlternate:
		f.sample(b, e.Sub[f.rand.IntN(len(e.Sub))], n)
	case syntax.OpQuest:
		if f.rand.IntN(2) == 0 {
			f.sample(b, e.Sub[0], n)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		if e.Op == syntax.OpRepeat {
			n = e.Min
			if e.Max > e.Min {
				n += f.rand.IntN(e.Max - e.Min)
			}
		}
		for range n {
			f.sample(b, e.Sub[0], n)
		}
	case syntax.OpEmptyMatch:
	default:
		f.t.Fatalf("cannot sample %s", e)
	}
}

// char picks a character of a class, mostly an ASCII one.
func (f *filler) char(ranges []rune) rune {
	candidates := []rune("abcXYZ0189-._/:=+@,~%& <>\"'\\{}éß漢😀")
	for range 50 {
		c := candidates[f.rand.IntN(len(candidates))]
		for i := 0; i < len(ranges); i += 2 {
			if ranges[i] <= c && c <= ranges[i+1] {
				return c
			}
		}
	}
	i := 2 * f.rand.IntN(len(ranges)/2)
	return ranges[i] + f.rand.Int32N(ranges[i+1]-ranges[i]+1)
}

// newFiller returns a filler of what s can carry.
func newFiller(t *testing.T, s service) *filler {
	f := &filler{t: t, rand: rand.New(rand.NewPCG(0, 0)), tick: time.Millisecond, patterns: make(map[string]compiled)}
	if s.name != "codeartifact" {
		f.tick = time.Second
	}
	return f
}

// fill returns a pointer to a struct. The same seed gives equal values; seed 0
// gives one with all that it can hold.
func (f *filler) fill(seed uint64, typ reflect.Type) reflect.Value {
	f.rand, f.all = rand.New(rand.NewPCG(seed, 0)), seed == 0
	v := reflect.New(typ)
	f.structure(v.Elem())
	return v
}

// dump renders a value with all that it points to, lists and maps alike
// whether nil or empty, and the bytes of streams.
func dump(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		return v.Interface().(time.Time).Format(time.RFC3339Nano)
	case v.Kind() == reflect.Interface && v.IsNil(), v.Kind() == reflect.Pointer && v.IsNil():
		return "nil"
	case v.Kind() == reflect.Interface:
		b, err := io.ReadAll(v.Interface().(io.Reader))
		return fmt.Sprintf("%q %v", b, err)
	case v.Kind() == reflect.Pointer:
		return "&" + dump(v.Elem())
	case v.Kind() == reflect.Struct:
		out := "{"
		for f, fv := range v.Fields() {
			out += f.Name + ": " + dump(fv) + ", "
		}
		return out + "}"
	case v.Kind() == reflect.Slice:
		out := "["
		for i := range v.Len() {
			out += dump(v.Index(i)) + ", "
		}
		return out + "]"
	case v.Kind() == reflect.Map:
		m := make(map[string]string)
		for key, elem := range v.Seq2() {
			m[key.String()] = dump(elem)
		}
		return fmt.Sprintf("%q", m)
	default:
		return fmt.Sprintf("%#v", v.Interface())
	}
}
