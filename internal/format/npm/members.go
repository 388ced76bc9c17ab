package npm

import (
	"bytes"
	"errors"
)

// errManifest says that a stored manifest is not what Inspect made.
var errManifest = errors.New("stored manifest is broken")

// members walks the members of an object that this package wrote: keys have
// no escapes and there is no space between tokens. It looks for the end of
// each value only, so that a packument of thousands of versions is copied
// rather than parsed. It stops before the member that is called until, if any.
func members(b []byte, until string, member func(key, value []byte)) error {
	if len(b) < 2 || b[0] != '{' {
		return errManifest
	}
	if string(b) == "{}" {
		return nil
	}
	for i := 1; ; i++ {
		k := valueEnd(b, i)
		if k < 0 || k >= len(b) || b[i] != '"' || b[k] != ':' {
			return errManifest
		}
		key := b[i+1 : k-1]
		if until != "" && string(key) == until {
			return nil
		}
		v := valueEnd(b, k+1)
		if v < 0 || v >= len(b) {
			return errManifest
		}
		member(key, b[k+1:v])
		switch {
		case b[v] == '}' && v == len(b)-1:
			return nil
		case b[v] != ',':
			return errManifest
		}
		i = v
	}
}

// valueEnd returns the index after the value that starts at i, or -1.
func valueEnd(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
	default:
		if n := bytes.IndexAny(b[i:], ",}]"); n > 0 {
			return i + n
		}
		return -1
	}
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			if i = stringEnd(b, i) - 1; i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// stringEnd returns the index after the string that starts at i, or -1.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		end := i + n
		escapes := 0
		for e := end - 1; e >= i && b[e] == '\\'; e-- {
			escapes++
		}
		if escapes%2 == 0 {
			return end + 1
		}
		i = end
	}
	return -1
}
