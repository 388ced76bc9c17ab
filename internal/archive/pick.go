package archive

import (
	"bytes"
	"fmt"
	"path"

	"larder.example/larder"
)

// Pick keeps the contents of the few small files that are looked for:
//
//	p := archive.Pick{Patterns: []string{"*/package.json", "*/README.md"}}
//	err := archive.WalkTar(r, archive.Limits{}, p.Visit)
//
// A name that occurs twice is fine if the bytes are the same, and
// larder.Invalid if not: which one counts depends on who unpacks.
type Pick struct {
	Patterns []string // of path.Match, over the whole name
	Most     int64    // bytes of one file; default 1 MiB

	// Found has what was found, by name, after the walk. Only files without
	// a flaw are found. A leading ./ is not part of the name.
	Found map[string][]byte
}

// Visit is a visit for [WalkTar] and [WalkZip].
func (p *Pick) Visit(e Entry) error {
	if e.Kind != File || e.Flaw != "" {
		return nil
	}
	name := path.Clean(e.Name)
	wanted, err := p.wants(name)
	if err != nil || !wanted {
		return err
	}
	most := p.Most
	if most == 0 {
		most = 1 << 20
	}
	b, err := e.Bytes(most)
	if err != nil {
		return err
	}
	if before, ok := p.Found[name]; ok && !bytes.Equal(before, b) {
		return larder.Errorf(larder.Invalid, "The archive holds two different files named %s.", short(name))
	}
	if p.Found == nil {
		p.Found = make(map[string][]byte)
	}
	p.Found[name] = b
	return nil
}

func (p *Pick) wants(name string) (bool, error) {
	for _, pattern := range p.Patterns {
		ok, err := path.Match(pattern, name)
		if err != nil {
			return false, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}
