package token

import (
	"strings"

	"larder.example/larder/internal/identity"
)

// Redact returns s with every token in it cut to its prefix, for whatever is
// logged: pip, for one, puts tokens into URLs. Session tokens are cut as
// authorization tokens are.
func Redact(s string) string {
	return redact(redact(s, prefix), identity.SessionTokenPrefix)
}

func redact(s, prefix string) string {
	i := strings.Index(s, prefix)
	if i < 0 {
		return s
	}
	var b strings.Builder
	for ; i >= 0; i = strings.Index(s, prefix) {
		i += len(prefix)
		b.WriteString(s[:i])
		b.WriteString("...")
		s = strings.TrimLeftFunc(s[i:], isTokenChar)
	}
	b.WriteString(s)
	return b.String()
}

func isTokenChar(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
