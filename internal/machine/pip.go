package machine

import (
	"context"
	"strings"
)

// pip returns the index that pip is told of, or the one that it says is its
// own.
func pip(ctx context.Context) string {
	for _, program := range [][]string{{"pip3"}, {"pip"}, {"python3", "-m", "pip"}} {
		ask := func(args ...string) string {
			return output(ctx, program[0], append(program[1:len(program):len(program)], args...)...)
		}
		if index := configuredIndex(ask("config", "list")); index != "" {
			return index
		}
		if index := ownIndex(ask("install", "--help")); index != "" {
			return index
		}
	}
	return ""
}

// configuredIndex reads what `pip config list` prints: lines such as
// global.index-url='https://index.test/simple'. The environment comes before
// a command's own section, and that before the global one.
func configuredIndex(list string) string {
	found := map[string]string{}
	for line := range strings.Lines(list) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if section, name, dotted := strings.Cut(key, "."); ok && dotted && strings.TrimPrefix(name, ".") == "index-url" {
			found[section] = strings.Trim(value, `'"`)
		}
	}
	for _, section := range [...]string{":env:", "install", "global"} {
		if found[section] != "" {
			return found[section]
		}
	}
	return ""
}

// ownIndex reads what pip's help says of --index-url: "(default ADDRESS)",
// wherever the line breaks.
func ownIndex(help string) string {
	_, rest, ok := strings.Cut(help, "--index-url <url>")
	if !ok {
		return ""
	}
	words := strings.Fields(rest)
	for i, word := range words {
		if strings.HasPrefix(word, "--") {
			break
		}
		if word == "(default" && i+1 < len(words) {
			return strings.TrimRight(words[i+1], ").")
		}
	}
	return ""
}
