package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// inspect finds out what a version that came from outside says about itself,
// when somebody asks for the first time: installs do not wait for it. Files
// that say nothing, or that the format cannot read, are no failure: nobody
// here has published them.
func (r *Registry) inspect(ctx context.Context, ref larder.VersionRef, v meta.Version) (Facts, []byte, error) {
	f := r.Formats[ref.Package.Format]
	assets, err := r.DB.Now().Assets(ctx, v.ID)
	if err != nil || f == nil || f.Inspect == nil {
		return Facts{}, nil, err
	}
	var said *format.Facts
	for _, a := range assets {
		if a.Known != nil || a.Companion || said != nil {
			continue
		}
		found, err := r.inspectAsset(ctx, f, a)
		switch {
		case larder.Invalid.Is(err):
		case err != nil:
			return Facts{}, nil, fmt.Errorf("inspect %s of %s: %w", a.Name, ref, err)
		case found.Name != "":
			said = &found
		}
	}
	if said == nil {
		return Facts{}, nil, nil // the file that does may come yet
	}
	facts := factsOf(*said)
	text, err := json.Marshal(facts)
	if err != nil {
		return Facts{}, nil, fmt.Errorf("keep what %s says: %w", ref, err)
	}
	r.DB.Later(func(ctx context.Context, tx *meta.Tx) error { return tx.LearnFacts(ctx, v.ID, text, said.Readme) })
	return facts, said.Readme, nil
}

func (r *Registry) inspectAsset(ctx context.Context, f *format.Format, a meta.Asset) (format.Facts, error) {
	content, err := r.open(ctx, a.Blob)
	if err != nil {
		return format.Facts{}, err
	}
	facts, err := f.Inspect(a.Name, seekAt{content}, a.Blob.Size)
	return facts, errors.Join(err, content.Close())
}

// seekAt reads at an offset by going there. It is for one reader.
type seekAt struct{ io.ReadSeeker }

// ReadAt implements io.ReaderAt.
func (s seekAt) ReadAt(p []byte, off int64) (int, error) {
	if _, err := s.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}
