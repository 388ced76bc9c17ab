package wire_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"larder.example/larder/internal/wire"
)

// Every constraint of every member of every operation is checked, and reported
// in AWS's words.
func TestEveryConstraintIsChecked(t *testing.T) {
	for _, s := range services() {
		t.Run(s.name, func(t *testing.T) {
			f := newFiller(t, s)
			mux := &wire.Mux{Protocol: s.protocol}
			checked := 0
			s.each(func(op wire.Info, in, out reflect.Type) {
				mux.HandleTypes(op, in, out, func(context.Context, any) (any, error) { return reflect.New(out).Interface(), nil })
				question := f.fill(0, in).Elem()
				shape, err := wire.ShapeOf(in)
				if err != nil {
					t.Fatal(err)
				}
				for _, site := range sites(in, nil) {
					for _, b := range breakages(f, site) {
						checked++
						if got, want := answerTo(t, s, mux, op, shape, question, site, b), b.report(s); got != want {
							t.Errorf("%s of %s with %v: got\n%s, want\n%s", site.path, op.Name, b.value, clip(got), clip(want))
						}
					}
				}
			})
			t.Logf("%d values checked", checked)
		})
	}
}

// answerTo returns what a service says to a question in which b is at the
// site: "ok" or the message of the failure.
func answerTo(t *testing.T, s service, mux *wire.Mux, op wire.Info, shape *wire.Shape, question reflect.Value, at site, b breakage) string {
	if b.value.IsValid() {
		defer at.set(question, b.value)()
	}
	r, _, err := s.protocol.Encode(t.Context(), &url.URL{Scheme: "http", Host: "test"}, op, shape, question)
	if err != nil {
		t.Fatal(err)
	}
	if !b.value.IsValid() {
		at.omit(t, r)
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	answer := w.Result()
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return "ok"
	}
	return s.protocol.Failure(answer).Message
}

// report returns what a service should say to the breakage.
func (b *breakage) report(s service) string {
	var out string
	switch n := len(b.broken); n {
	case 0:
		return "ok"
	case 1:
		out = "1 validation error detected: " + b.broken[0]
	default:
		out = fmt.Sprintf("%d validation errors detected: %s", n, strings.Join(b.broken, "; "))
	}
	if s.name != "codeartifact" {
		return notInXML.Replace(out)
	}
	return out
}

// notInXML makes of text what is left of it in XML.
var notInXML = strings.NewReplacer("\x01", "\ufffd", "\x02", "\ufffd", "\x03", "\ufffd", "\v", "\ufffd")

func clip(s string) string { return s[:min(len(s), 400)] }

// breakage is a value and what it breaks. Without a value the member is left
// out; with nothing broken the value is fine.
type breakage struct {
	value  reflect.Value
	broken []string
}

// breakages returns values on both sides of every limit of a member.
func breakages(f *filler, s site) []breakage {
	typ := s.field.Type
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	l := readLimits(f.t, s.field.Tag, "")
	sensitive := s.field.Tag.Get("sensitive") == "true"
	report := func(shown, rule string) string {
		if sensitive {
			shown = ""
		}
		if shown != "" {
			shown += " "
		}
		return "Value " + shown + "at '" + s.path + "' failed to satisfy constraint: " + rule
	}
	var out []breakage
	switch {
	case typ.Kind() == reflect.String:
		for _, text := range edges(f, l) {
			b := breakage{value: reflect.ValueOf(text)}
			shown, rules := "'"+text+"'", rulesBroken(f, l, text)
			if strings.Contains(text, "\x00") {
				shown = ""
			}
			if text == "" && s.field.Tag.Get("required") == "" && s.field.Type.Kind() != reflect.Pointer {
				continue // our client leaves out what is empty
			}
			for _, rule := range rules {
				b.broken = append(b.broken, report(shown, rule))
			}
			out = append(out, b)
		}
	case typ.Kind() == reflect.Int, typ.Kind() == reflect.Int64:
		low, high, ok := strings.Cut(s.field.Tag.Get("range"), ",")
		if !ok {
			return nil
		}
		for _, n := range []int64{l.low - 1, l.low, l.high, l.high + 1} {
			if n == 0 && s.field.Type.Kind() != reflect.Pointer {
				continue // our client leaves out what is zero
			}
			b := breakage{value: reflect.ValueOf(n)}
			if n < l.low {
				b.broken = []string{report(fmt.Sprintf("'%d'", n), "Member must have value greater than or equal to "+low)}
			}
			if n > l.high {
				b.broken = []string{report(fmt.Sprintf("'%d'", n), "Member must have value less than or equal to "+high)}
			}
			out = append(out, b)
		}
	case typ.Kind() == reflect.Slice && typ.Elem().Kind() != reflect.Uint8:
		out = append(out, listBreakages(f, s, typ, l, report)...)
	case typ.Kind() == reflect.Map:
		out = append(out, mapBreakages(f, s, typ, report)...)
	}
	if s.field.Tag.Get("required") == "true" && s.field.Tag.Get("payload") == "" {
		out = append(out, breakage{broken: []string{report("null", "Member must not be null")}})
	}
	return out
}

func listBreakages(f *filler, s site, typ reflect.Type, l limits, report func(shown, rule string) string) []breakage {
	var out []breakage
	list := func(n int) reflect.Value {
		v := reflect.MakeSlice(typ, n, n)
		for i := range n {
			v.Index(i).Set(f.value(typ.Elem(), s.field.Tag, "each."))
		}
		return v
	}
	shown := func(v reflect.Value) string {
		if typ.Elem().Kind() != reflect.String {
			return ""
		}
		return "'[" + strings.Join(v.Interface().([]string), ", ") + "]'"
	}
	if l.max >= 0 {
		v := list(int(l.max) + 1)
		out = append(out, breakage{value: list(int(l.max))}, breakage{value: v, broken: []string{
			report(shown(v), "Member must have length less than or equal to "+strconv.Itoa(int(l.max))),
		}})
	}
	if l.min > 0 {
		v := list(int(l.min) - 1)
		out = append(out, breakage{value: v, broken: []string{
			report(shown(v), "Member must have length greater than or equal to "+strconv.Itoa(int(l.min))),
		}})
	}
	if typ.Elem().Kind() != reflect.String {
		return out
	}
	each := readLimits(f.t, s.field.Tag, "each.")
	for _, text := range edges(f, each) {
		b := breakage{value: reflect.ValueOf([]string{text})}
		if len(rulesBroken(f, each, text)) > 0 {
			where := shown(b.value)
			if strings.Contains(text, "\x00") {
				where = ""
			}
			b.broken = []string{report(where, "Member must satisfy constraint: "+allRules(each))}
		}
		out = append(out, b)
	}
	return out
}

func mapBreakages(f *filler, s site, typ reflect.Type, report func(shown, rule string) string) []breakage {
	var out []breakage
	for _, part := range []struct{ prefix, says string }{{"key.", "Map keys"}, {"value.", "Map value"}} {
		limits := readLimits(f.t, s.field.Tag, part.prefix)
		for _, text := range edges(f, limits) {
			key := f.value(typ.Key(), s.field.Tag, "key.").String()
			value := f.value(typ.Elem(), s.field.Tag, "value.").String()
			if part.prefix == "key." {
				key = text
			} else {
				value = text
			}
			b := breakage{value: reflect.ValueOf(map[string]string{key: value})}
			if len(rulesBroken(f, limits, text)) > 0 {
				shown := "'{" + key + "=" + value + "}'"
				if strings.Contains(text, "\x00") {
					shown = ""
				}
				b.broken = []string{report(shown, part.says+" must satisfy constraint: "+allRules(limits))}
			}
			out = append(out, b)
		}
	}
	return out
}

// edges returns strings on both sides of what is legal.
func edges(f *filler, l limits) []string {
	if l.enum != nil {
		return append([]string{"", "nonsense", strings.ToLower(l.enum[0]) + "X"}, l.enum...)
	}
	legal := f.text(l)
	out := []string{"", legal}
	if l.min > 0 {
		out = append(out, strings.Repeat("a", int(l.min-1)))
	}
	if l.max >= 0 {
		out = append(out, strings.Repeat("0", int(l.max+1)), strings.Repeat("é", int(l.max)))
		if l.max < 1<<16 { // or the form is too large
			out = append(out, strings.Repeat("😀", int(l.max+1)))
		}
	}
	if !l.header { // net/http lets no such header through
		out = append(out, legal+"\x00", "\x01\x02\x03", strings.Repeat("#/ \v", 30))
	}
	return out
}

// rulesBroken says which rules a string breaks, in AWS's order.
func rulesBroken(f *filler, l limits, s string) []string {
	var out []string
	if strings.Contains(s, "\x00") {
		return []string{"Member must be valid UTF-8 without null characters"}
	}
	if slices.Contains(l.enum, s) {
		return nil
	}
	if l.enum != nil {
		return []string{"Member must satisfy enum value set: [" + strings.Join(l.enum, ", ") + "]"}
	}
	if l.pattern != "" {
		if !f.matches(l.pattern, s) {
			out = append(out, "Member must satisfy regular expression pattern: "+l.pattern)
		}
	}
	n := int64(utf8.RuneCountInString(s))
	if n < l.min {
		out = append(out, fmt.Sprintf("Member must have length greater than or equal to %d", l.min))
	}
	if l.max >= 0 && n > l.max {
		out = append(out, fmt.Sprintf("Member must have length less than or equal to %d", l.max))
	}
	return out
}

// allRules lists what is demanded of the items of a list.
func allRules(l limits) string {
	var out []string
	if l.max >= 0 {
		out = append(out, fmt.Sprintf("Member must have length less than or equal to %d", l.max))
		out = append(out, fmt.Sprintf("Member must have length greater than or equal to %d", l.min))
	}
	if l.pattern != "" {
		out = append(out, "Member must satisfy regular expression pattern: "+l.pattern)
	}
	if l.enum != nil {
		out = append(out, "Member must satisfy enum value set: ["+strings.Join(l.enum, ", ")+"]")
	}
	return "[" + strings.Join(append(out, "Member must not be null"), ", ") + "]"
}
