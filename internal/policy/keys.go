package policy

import "strings"

// Keys answers condition keys for one request.
type Keys interface {
	// Lookup returns the values of a key and whether the request has it. The
	// key comes as [Fold] spells it. A key without values counts as absent.
	// The values are only read, and not kept.
	Lookup(key string) (values []string, present bool)
}

// Fold returns the one spelling of a condition key that stands for all that
// mean the same: names of keys are case-insensitive, but what follows a slash
// is the key of a tag, or the path of an identity provider, and keeps its
// case. "AWS:PrincipalTag/Team" folds to "aws:principaltag/Team".
func Fold(key string) string {
	name, rest, tagged := strings.Cut(key, "/")
	name = strings.ToLower(name)
	if !tagged {
		return name
	}
	return name + "/" + rest
}

// Values is a [Keys] that is a map from folded names.
type Values map[string][]string

// Set gives the key of any spelling its values.
func (v Values) Set(key string, values ...string) { v[Fold(key)] = values }

// Lookup implements [Keys].
func (v Values) Lookup(key string) ([]string, bool) {
	values, ok := v[key]
	return values, ok
}
