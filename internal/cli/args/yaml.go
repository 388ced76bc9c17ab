package args

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"larder.example/larder/internal/cli/value"
)

// ParseYAML reads one YAML 1.2 document. Scalars are resolved here and not by
// the library, which takes 0123 for an octal number and yes for true.
func ParseYAML(text string) (any, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	if doc.Kind == 0 {
		return nil, nil
	}
	r := yamlReader{}
	return r.value(&doc)
}

var (
	errYAML     = errors.New("not a document of scalars, lists and maps")
	errTooLarge = errors.New("too many values")
)

// yamlReader bounds what aliases may make of a small document.
type yamlReader struct{ nodes, depth int }

const maxYAMLNodes = 1 << 20

func (r *yamlReader) value(n *yaml.Node) (any, error) {
	r.nodes++
	r.depth++
	defer func() { r.depth-- }()
	if r.nodes > maxYAMLNodes || r.depth > maxNesting {
		return nil, errTooLarge
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return r.value(n.Content[0])
	case yaml.AliasNode:
		return r.value(n.Alias)
	case yaml.ScalarNode:
		return resolveYAML(n), nil
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, err := r.value(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		o := new(value.Object)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, err := r.value(n.Content[i])
			if err != nil {
				return nil, err
			}
			name := value.Str(key)
			if _, twice := o.Get(name); twice {
				return nil, fmt.Errorf("the key %q is there twice", name)
			}
			v, err := r.value(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			o.Set(name, v)
		}
		return o, nil
	}
	return nil, errYAML
}

var yamlNumber = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[-+]?(?:[0-9][0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9_]+(?:[eE][-+][0-9]+)?)$`)
})

func resolveYAML(n *yaml.Node) any {
	s := n.Value
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Tag == "!!str" && n.Style&yaml.TaggedStyle != 0 {
		return s
	}
	switch s {
	case "", "~", "null", "Null", "NULL":
		return nil
	case "true", "True", "TRUE":
		return true
	case "false", "False", "FALSE":
		return false
	}
	if v, ok := value.Int(s); ok {
		return v
	}
	digits := strings.TrimLeft(s, "+-")
	for prefix, base := range map[string]int{"0o": 8, "0x": 16, "0b": 2} {
		if rest, ok := strings.CutPrefix(digits, prefix); ok {
			if v, err := strconv.ParseInt(rest, base, 64); err == nil {
				return v
			}
		}
	}
	if yamlNumber().MatchString(s) {
		if f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64); err == nil {
			return f
		}
	}
	return s
}
