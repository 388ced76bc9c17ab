package login

import (
	"fmt"
	"reflect"
)

// reading reads what a file says, as yaml.Unmarshal and toml.Unmarshal do.
type reading func(text []byte, said any) error

// kept refuses an edit after which a file would not say what it said before,
// with what set adds: editors go by lines, and what a line means may have been
// decided further up. A file that cannot be read is not edited either.
func kept(path string, read reading, old, changed []byte, set func(said map[string]any) bool) ([]byte, error) {
	want, got := map[string]any{}, map[string]any{}
	if err := read(old, &want); err != nil {
		return nil, fmt.Errorf("%s cannot be read, so it is not edited: %w", path, err)
	}
	if want == nil {
		want = map[string]any{}
	}
	if !set(want) || read(changed, &got) != nil || !reflect.DeepEqual(got, want) {
		return nil, fmt.Errorf("%s is written in a form that is not edited here: write it plainer, one setting a line", path)
	}
	return changed, nil
}

// put sets what a path of keys leads to. It reports false if something else
// than a map is in the way.
func put(said map[string]any, v any, path ...string) bool {
	for _, key := range path[:len(path)-1] {
		if said[key] == nil {
			said[key] = map[string]any{}
		}
		inner, ok := said[key].(map[string]any)
		if !ok {
			return false
		}
		said = inner
	}
	said[path[len(path)-1]] = v
	return true
}
