package mirror

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"larder.example/larder"
)

// npm fetches a tarball, whose address the manifest of the version says.
func (f *Fetcher) npm(ctx context.Context, i Item) (Result, error) {
	var manifest struct{ Dist struct{ Tarball string } }
	err := f.get(ctx, larder.NPM, f.at(larder.NPM, i.npmName(), i.Version), "application/json", func(body io.Reader) error {
		return json.NewDecoder(body).Decode(&manifest)
	})
	if err != nil {
		return Result{}, fmt.Errorf("ask for its manifest: %w", err)
	}
	return f.download(ctx, larder.NPM, manifest.Dist.Tarball, i.Digests)
}
