package npm

import (
	"bufio"
	"bytes"
	"context"
	"io"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// get answers with the packument, or with one version where the
// path goes on after the package: @s%2fp/1.0.0 and @s/p match one route.
func get(x *format.Exchange) error {
	if _, _, version := asked(x.R); version != "" {
		return getVersion(x, version)
	}
	if x.R.URL.RawQuery != "" && x.R.URL.Query().Get("write") == "true" {
		return getToWrite(x)
	}
	variant, kind, short := "full", jsonType, false
	if wantsShort(x.R) {
		variant, kind, short = "short", shortType, true
	}
	return x.Render(variant, kind, func(ctx context.Context, w io.Writer) (string, error) {
		return writePackument(ctx, x, w, short)
	})
}

// getToWrite answers with the packument as it is now: deprecate and
// unpublish change it and send it back with its _rev.
func getToWrite(x *format.Exchange) error {
	var b bytes.Buffer
	if _, err := writePackument(x.R.Context(), x, &b, false); err != nil {
		return err
	}
	x.W.Header().Set("Content-Type", jsonType)
	x.W.Header().Set("Cache-Control", "no-store")
	_, err := b.WriteTo(x.W)
	return err
}

// getVersion answers with one manifest, by version or by tag. A version that
// is not listed is there for who knows it, but no tag leads to it.
func getVersion(x *format.Exchange, wanted string) error {
	return x.Render("version "+wanted, jsonType, func(ctx context.Context, w io.Writer) (string, error) {
		pkg, err := x.Registry.Package(ctx, x.Package)
		if err != nil {
			return "", err
		}
		v, err := find(pkg, wanted)
		if err != nil {
			return "", err
		}
		if v == nil {
			return "", noVersion(x.Package, wanted)
		}
		b := bufio.NewWriter(w)
		if err := writeManifest(b, x.Base, x.Package, *v, false); err != nil {
			return "", err
		}
		return pkg.Stamp, b.Flush()
	})
}

// noVersion is what is said of a version or a tag that is not there.
func noVersion(p larder.PackageRef, wanted string) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "package-version", ID: displayed(p) + "@" + wanted,
		Message: "version not found: " + displayed(p) + "@" + wanted,
	}
}

// getTarball answers with a version's tarball.
func getTarball(x *format.Exchange) error {
	version, err := askedFile(x)
	if err != nil {
		return err
	}
	x.W.Header().Set("Content-Type", "application/octet-stream")
	return x.Send(larder.AssetRef{
		Version: larder.VersionRef{Package: x.Package, Version: version},
		Name:    packageFile,
	})
}

// askedFile reads the version from the name of the tarball that a route
// matched.
func askedFile(x *format.Exchange) (version string, err error) {
	file := x.R.PathValue("file")
	version, ok := fileVersion(x.Package, file)
	if !ok {
		return "", larder.Errorf(larder.NotFound, "Not found: %s has no file %.256q", displayed(x.Package), file)
	}
	return version, nil
}
