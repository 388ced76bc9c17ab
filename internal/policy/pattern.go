package policy

import "strings"

// form says how a pattern is compared, cheapest first.
type form uint8

const (
	exact    form = iota
	anything      // a lone star
	leading       // text, then a star
	globbed
	template // has variables
)

// pattern is a string of a policy that values are compared with.
type pattern struct {
	form  form
	text  string // as glob reads it; without the star if leading
	parts []part // of a template
	wild  bool   // a template's text has wildcards
}

// part is a piece of a template: text as glob reads it, or a variable.
type part struct {
	text     string
	variable bool
	key      string // folded
	fallback bool   // text is what the variable stands for without a value
}

// dialect is how strings of a policy are to be read.
type dialect struct {
	wildcards bool // * and ? are wildcards
	variables bool // ${...} is a variable; since version 2012-10-17
}

// compile reads a string of a policy. It calls key for every variable.
func (d dialect) compile(s string, key func(string)) pattern {
	var parts []part
	var text strings.Builder
	for s != "" {
		switch {
		case d.wildcards && s[0] == '*':
			text.WriteString(star)
		case d.wildcards && s[0] == '?':
			text.WriteString(one)
		case d.variables && strings.HasPrefix(s, "${"):
			name, after, closed := strings.Cut(s[2:], "}")
			if !closed {
				text.WriteString(s)
				s = ""
				continue
			}
			s = after
			if name == "*" || name == "?" || name == "$" {
				text.WriteString(name)
				continue
			}
			if text.Len() > 0 {
				parts = append(parts, part{text: text.String()})
				text.Reset()
			}
			name, fallback, given := variable(name)
			if name != "" {
				key(name)
			}
			parts = append(parts, part{text: fallback, variable: true, key: Fold(name), fallback: given})
			continue
		default:
			text.WriteByte(s[0])
		}
		s = s[1:]
	}
	if parts == nil {
		return plain(text.String())
	}
	if text.Len() > 0 {
		parts = append(parts, part{text: text.String()})
	}
	p := pattern{form: template, parts: parts}
	for i := range parts {
		p.wild = p.wild || wild(parts[i].text)
	}
	return p
}

// variable splits what stands between the braces: a key, or a key and a
// default as in aws:userid, 'anonymous'.
func variable(s string) (key, fallback string, given bool) {
	key, quoted, ok := strings.Cut(s, ", '")
	if ok && strings.HasSuffix(quoted, "'") {
		return key, strings.TrimSuffix(quoted, "'"), true
	}
	return s, "", false
}

// plain returns the pattern of a text that glob reads, without variables.
func plain(text string) pattern {
	body := strings.TrimSuffix(text, star)
	switch {
	case text == star:
		return pattern{form: anything}
	case body != text && !wild(body):
		return pattern{form: leading, text: body}
	case wild(text):
		return pattern{form: globbed, text: text}
	}
	return pattern{form: exact, text: text}
}

// match reports whether the pattern covers s. It is not resolved, and covers
// nothing, if it has a variable to which k gives no value.
func (p *pattern) match(s string, k Keys) (matched, resolved bool) {
	switch p.form {
	case exact:
		return p.text == s, true
	case anything:
		return true, true
	case leading:
		return strings.HasPrefix(s, p.text), true
	case globbed:
		return glob(p.text, s), true
	default:
		text, ok := p.expand(k)
		if !p.wild {
			return ok && text == s, ok
		}
		return ok && glob(text, s), ok
	}
}

// expand returns a pattern's text as glob reads it, with the values of
// variables in their places as literal text.
func (p *pattern) expand(k Keys) (string, bool) {
	if p.form != template {
		return p.text, true
	}
	if len(p.parts) == 1 {
		return p.parts[0].value(k)
	}
	var b strings.Builder
	for i := range p.parts {
		text, ok := p.parts[i].value(k)
		if !ok {
			return "", false
		}
		b.WriteString(text)
	}
	return b.String(), true
}

// value returns what a part stands for. Only a key with a single value can be
// a variable (IAM User Guide, policy variables).
func (p *part) value(k Keys) (string, bool) {
	if !p.variable {
		return p.text, true
	}
	values, present := k.Lookup(p.key)
	switch {
	case !present || len(values) == 0:
		return p.text, p.fallback
	case len(values) > 1 || wild(values[0]):
		return "", false
	}
	return values[0], true
}

// wild reports whether glob would read a wildcard in text.
func wild(text string) bool {
	return strings.Contains(text, star) || strings.Contains(text, one)
}
