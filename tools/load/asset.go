package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
)

// largeAsset is the size of the largest asset that is sent, in bytes.
const largeAsset = 2 << 30

const assetName = "asset, 2 GB"

// asset publishes a large asset to a server of its own and fetches it, and
// tells how long both took and how much memory the server has had at most.
func asset(ctx context.Context, binary, dir string, w io.Writer) (err error) {
	l, err := start(ctx, binary, filepath.Join(dir, "asset"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	content := func() io.Reader { return io.LimitReader(zeros{}, largeAsset) }
	sum := sha256.New()
	if _, err := io.Copy(sum, content()); err != nil {
		return err
	}
	begin := time.Now()
	if _, err := client.Call(ctx, l.client, codeartifact.PublishPackageVersion, &codeartifact.PublishPackageVersionInput{
		Domain: "team", Repository: "app", Format: larder.Generic, Namespace: "perf", Package: "zeros", PackageVersion: "1",
		AssetName: "zeros", AssetContent: content(), AssetSHA256: hex.EncodeToString(sum.Sum(nil)),
	}); err != nil {
		return err
	}
	published := time.Since(begin)
	begin = time.Now()
	out, err := client.Call(ctx, l.client, codeartifact.GetPackageVersionAsset, &codeartifact.GetPackageVersionAssetInput{
		Domain: "team", Repository: "app", Format: larder.Generic, Namespace: "perf", Package: "zeros", PackageVersion: "1", Asset: "zeros",
	})
	if err != nil {
		return err
	}
	defer out.Asset.Close()
	if n, err := io.Copy(io.Discard, out.Asset); err != nil || n != largeAsset {
		return fmt.Errorf("fetched %d bytes of %d: %w", n, largeAsset, err)
	}
	fetched := time.Since(begin)
	peak, err := residentPeak(l.pid())
	fmt.Fprintf(w, "An asset of 2 GB was published in %v and fetched in %v. Resident: %d MB at most.\n",
		published.Round(100*time.Millisecond), fetched.Round(100*time.Millisecond), peak>>20)
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
