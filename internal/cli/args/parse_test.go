package args_test

import (
	"fmt"
	"strings"
	"testing"

	"larder.example/larder/internal/cli/args"
)

func options() []args.Option {
	return []args.Option{
		{Name: "domain", Required: true},
		{Name: "domain-owner"},
		{Name: "duration-seconds", Kind: args.Number},
		{Name: "output", Choices: []string{"json", "text", "yaml-stream"}},
		{Name: "versions", Kind: args.Texts},
		{Name: "preview", Kind: args.Flag},
		{Name: "no-preview", Sets: "preview", Kind: args.Unset},
		{Name: "skeleton", Kind: args.Maybe, Choices: []string{"input", "output"}},
		{Name: "help", Word: true, Kind: args.Maybe},
	}
}

func TestCommandLines(t *testing.T) {
	for line, want := range map[string]string{
		"--domain a":                              "map[domain:a] []",
		"--domain=a=b":                            "map[domain:a=b] []",
		"--domain a --domain b":                   "map[domain:b] []",
		"--domain a --dura 0_900":                 "map[domain:a duration-seconds:900] []",
		"--domain a --duration-seconds -1":        "map[domain:a duration-seconds:-1] []",
		"--domain a --versions 1 2 --pre":         "map[domain:a preview:true versions:[1 2]] []",
		"--domain a --versions --no-preview":      "map[domain:a preview:false versions:[]] []",
		"--domain a --skeleton":                   "map[domain:a skeleton:input] []",
		"--domain a --skeleton output x":          "map[domain:a help:x skeleton:output] []",
		"--domain a --bogus x y":                  "map[domain:a help:x] [--bogus y]",
		"--domain a -- --domain":                  "map[domain:a help:--domain] []",
		"--domain -":                              "map[domain:-] []",
		"":                                        "the following arguments are required: --domain",
		"--domain":                                "argument --domain: expected one argument",
		"--domain --bogus":                        "argument --domain: expected one argument",
		"--dom a":                                 "ambiguous option: --dom could match --domain, --domain-owner",
		"--domain a --preview=x":                  "argument --preview: ignored explicit argument 'x'",
		"--domain a --duration-seconds 900.0":     "argument --duration-seconds: invalid int value: '900.0'",
		"--domain a --output jsn":                 "argument --output: Found invalid choice 'jsn'\n\nMaybe you meant:\n\n  * json",
		"--domain a --output xml":                 "argument --output: Found invalid choice 'xml'\n",
		"--domain a --duration-seconds 1" + zeros: "map[domain:a duration-seconds:1" + zeros + "] []",
	} {
		v, rest, err := args.Parse(options(), strings.Fields(line))
		got := fmt.Sprint(map[string]any(v), rest)
		if rest == nil {
			got = fmt.Sprint(map[string]any(v), []string{})
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

const zeros = "0000000000000000000000"

func FuzzParseEndsAndKeepsWords(f *testing.F) {
	f.Add("--domain a -- -x --dom --output=json")
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		_, rest, _ := args.Parse(options(), words)
		for _, w := range rest {
			if !strings.Contains(line, w) {
				t.Errorf("%q: got %q, which nobody typed", line, w)
			}
		}
	})
}
