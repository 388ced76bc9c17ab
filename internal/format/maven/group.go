package maven

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// getGroup answers with the metadata of a group of one segment.
func getGroup(x *format.Exchange) error {
	var sum *algorithm
	if x.R.PathValue("ext") != "" {
		var err error
		if sum, err = asked(x); err != nil {
			return absent(err)
		}
	}
	return sendGroup(x, x.R.PathValue("group"), sum)
}

// sendGroup answers with the metadata of a group: which plugins it has. There
// is none of a group without plugins.
func sendGroup(x *format.Exchange, group string, sum *algorithm) error {
	remarks, err := remarks(x.R.Context(), x, group)
	if err != nil {
		return err
	}
	found, err := plugins(x.R.Context(), x, group, remarks)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return nothing(group)
	}
	document := renderGroup(found)
	h := x.W.Header()
	h.Set("Content-Type", typeOf(sum))
	h.Set("Cache-Control", revalidate)
	answer := digested(document, sum)
	h.Set("ETag", `"`+algorithms[0].of(answer)+`"`)
	http.ServeContent(x.W, x.R, "", time.Time{}, bytes.NewReader(answer))
	return nil
}

// plugins returns the plugins of a group: those that are here by artifact ID,
// then those of which the remarks of public registries tell, under prefixes
// that none of these has. What one version of an artifact with a POM is packaged as, all are: so
// a group of thousands of libraries is not read in full.
func plugins(ctx context.Context, x *format.Exchange, group string, remarks []json.RawMessage) ([]metadataPlugin, error) {
	if badGroup(group) != "" {
		return nil, nil
	}
	var found []metadataPlugin
	for pkg, err := range x.Registry.Packages(ctx, x.Repository, larder.Maven, format.Query{Namespace: group}) {
		if err != nil {
			return nil, fmt.Errorf("list packages of group %s: %w", group, err)
		}
		p, err := newestPlugin(pkg)
		if err != nil {
			return nil, err
		}
		if p != nil {
			found = append(found, *p)
		}
	}
	var told []metadataPlugin
	for _, remark := range remarks {
		var some []metadataPlugin
		if err := json.Unmarshal(remark, &some); err != nil {
			return nil, fmt.Errorf("read the plugins of group %s: %w", group, err)
		}
		told = append(told, some...)
	}
	return mergePlugins(found, told), nil
}

// remarks returns what public registries tell of the plugins of a group.
// Their document stands where that of an artifact would, so it is read as
// one's. None has one of a group of one segment.
func remarks(ctx context.Context, x *format.Exchange, group string) ([]json.RawMessage, error) {
	i := strings.LastIndexByte(group, '.')
	if i < 0 {
		return nil, nil
	}
	pkg, err := x.Registry.Package(ctx, larder.PackageRef{
		Repository: x.Repository, Format: larder.Maven, Namespace: group[:i], Name: group[i+1:],
	})
	if larder.NotFound.Is(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return pkg.Remarks, nil
}

// mergePlugins adds the plugins that are told of to those that are here. The
// first of a prefix is the one that Maven takes, so nobody outside takes the
// prefix of a plugin that is here.
func mergePlugins(here, told []metadataPlugin) []metadataPlugin {
	taken := map[string]bool{}
	for _, p := range here {
		taken[p.Prefix] = true
	}
	for _, p := range told {
		if p.Prefix == "" || taken[p.Prefix] || badArtifact(p.ArtifactID) != "" {
			continue
		}
		taken[p.Prefix] = true
		here = append(here, p)
	}
	return here
}

// newestPlugin is the highest listed version of a package as the plugin that
// it is, or nil.
func newestPlugin(pkg *format.Package) (*metadataPlugin, error) {
	var newest *metadataPlugin
	var highest order
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read versions of %s: %w", pkg.Ref, err)
		}
		if v.Manifest == nil {
			continue
		}
		p, ok, err := pluginOf(pkg.Ref.Name, v)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, nil
		}
		if at := ordered(v.Version); v.Status == larder.Published && (newest == nil || at.compare(highest) > 0) {
			newest, highest = &p, at
		}
	}
	return newest, nil
}

// hasPackages reports whether a group has any package.
func hasPackages(x *format.Exchange, group string) (bool, error) {
	for _, err := range x.Registry.Packages(x.R.Context(), x.Repository, larder.Maven, format.Query{Namespace: group}) {
		if larder.Denied.Is(err) {
			return false, nil
		}
		return err == nil, err
	}
	return false, nil
}

// putGroup takes the metadata of a group of one segment.
func putGroup(x *format.Exchange) error {
	b, err := readBody(x)
	if err != nil {
		return err
	}
	if err := putPlugins(x, b, x.R.PathValue("group")); err != nil {
		return err
	}
	x.W.WriteHeader(http.StatusCreated)
	return nil
}

// putPlugins takes the metadata of a group, which says nothing that is not
// known. Whoever may publish one of the plugins may put it.
func putPlugins(x *format.Exchange, b body, group string) error {
	if len(b.Plugins) == 0 || badGroup(group) != "" {
		return larder.Errorf(larder.Invalid, "The %s names neither an artifact nor a plugin of the group %.80q.", metadataFile, group)
	}
	var refused error
	for _, p := range b.Plugins {
		if badArtifact(p.ArtifactID) != "" {
			return larder.Errorf(larder.Invalid, "The %s names a plugin that cannot be: %.80q.", metadataFile, p.ArtifactID)
		}
		of := larder.PackageRef{Repository: x.Repository, Format: larder.Maven, Namespace: group, Name: p.ArtifactID}
		if refused = mayPublish(x, of); refused == nil {
			return nil
		}
	}
	return refused
}

// putGroupChecksum takes a checksum of what putGroup took, of which nothing
// is kept to hold it against.
func putGroupChecksum(x *format.Exchange) error {
	if err := mayPublishIn(x, x.R.PathValue("group")); err != nil {
		return err
	}
	sum, err := asked(x)
	if err != nil {
		return err
	}
	if _, err := sum.claimed(x.R.Body); err != nil {
		return err
	}
	x.W.WriteHeader(http.StatusOK)
	return nil
}

// mayPublish refuses callers who may not publish a package, whether it is
// there or not.
func mayPublish(x *format.Exchange, p larder.PackageRef) error {
	_, err := x.Registry.Version(x.R.Context(), larder.VersionRef{Package: p, Version: "0"})
	if larder.NotFound.Is(err) {
		return nil
	}
	return err
}

// mayPublishIn refuses callers who may publish no package of a group: neither
// whatever it may be called nor one that is there.
func mayPublishIn(x *format.Exchange, group string) error {
	refused := mayPublish(x, larder.PackageRef{Repository: x.Repository, Format: larder.Maven, Namespace: group, Name: metadataFile})
	if !larder.Denied.Is(refused) {
		return refused
	}
	for pkg, err := range x.Registry.Packages(x.R.Context(), x.Repository, larder.Maven, format.Query{Namespace: group}) {
		if larder.Denied.Is(err) {
			return refused
		}
		if err != nil {
			return fmt.Errorf("list packages of group %s: %w", group, err)
		}
		if err := mayPublish(x, pkg.Ref); !larder.Denied.Is(err) {
			return err
		}
	}
	return refused
}
