package wire_test

import (
	"strings"
	"testing"

	"larder.example/larder/internal/wire"
)

func TestMatchPatternReadsJava(t *testing.T) {
	const (
		stsText = `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`
		alias   = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
		group   = `[^\p{C}\p{IsWhitespace}]+`
	)
	for _, tt := range []struct {
		name, pattern, value string
		want                 bool
	}{
		{"whole value", `[0-9]+`, "12a", false},
		{"whole value, not a line", `[a-z]+`, "abc\n", false},
		{"alternatives are anchored too", `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a/b", false},
		{"path", `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a/b/", true},
		{"empty", `\P{C}*`, "", true},
		{"vertical tab is white space", `\S+`, "a\vb", false},
		{"vertical tab in a class", `[^#/\s]+`, "a\vb", false},
		{"no-break space is not \\s", `\S+`, "a\u00a0b", true},
		{"no-break space is White_Space", group, "/npm/a\u00a0b", false},
		{"ideographic space is White_Space", group, "/npm/a\u3000b", false},
		{"package group", group, "/npm/acme/lib~", true},
		{"control", `\P{C}*`, "a\x01b", false},
		{"format character is of C", `\P{C}*`, "a\u200db", false},
		{"unassigned is of C", `\P{C}*`, "a\u0378b", false},
		{"emoji is not of C", `\P{C}*`, "a😀b", true},
		{"policy may have line feeds", `[\P{C}\s]+`, "{\n\t}", true},
		{"policy may have no NUL", `[\P{C}\s]+`, "{\x00}", false},
		{"\\w is ASCII", `[\w+=,.@-]+`, "é", false},
		{"\\w is ASCII, supplementary", `[\w+=,.@-]+`, "a😀", false},
		{"tags take letters of all scripts", `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`, "ключ 1", true},
		{"tags take no hash", `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`, "a#b", false},
		{"STS takes no supplementary characters", stsText, "arn:😀", false},
		{"STS takes the whole plane", stsText, "arn:\ufffd\ud7ff\u1000", true},
		{"alias", alias, "acme-registry", true},
		{"alias ends in a hyphen", alias, "acme-", false},
		{"alias with two hyphens", alias, "acme--registry", false},
		{"alias of two", alias, "ab", false},
		{"alias of 63", alias, strings.Repeat("a", 63), true},
		{"alias of 64", alias, strings.Repeat("a", 64), false},
		{"escaped slash", `[\w+=,.@:\/-]*`, "a/b", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := wire.MatchPattern(tt.pattern, tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

func TestMatchPatternRefusesWhatItCannotRead(t *testing.T) {
	for _, pattern := range []string{
		`a(?!b)`, `(?<=a)b`, `(?i)a`, `[a-z&&[^b]]`, `[a[b]]`, `\h`, `\Q.\E`, `\p{Alpha}`, `\p{IsAlphabetic}`,
		`[\S]`, `\u12`, `\u12G4`, `a\`, `(`, `\bword`, `\1`,
	} {
		if _, err := wire.MatchPattern(pattern, "a"); err == nil {
			t.Errorf("%s: no error", pattern)
		}
	}
}
