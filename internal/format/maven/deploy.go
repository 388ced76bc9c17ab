package maven

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// body is a maven-metadata.xml that a client put.
type body struct {
	*metadata
	upload format.Upload
}

func readBody(x *format.Exchange) (body, error) {
	u, err := x.Registry.Upload(x.R.Context(), io.LimitReader(x.R.Body, maxMetadata+1))
	if err != nil {
		return body{}, err
	}
	if u.Size() > maxMetadata {
		return body{}, larder.Errorf(larder.TooLarge, "The %s is larger than %d MiB.", metadataFile, maxMetadata>>20)
	}
	m, err := readMetadata(u, u.Size())
	return body{m, u}, err
}

// putMetadata takes a body for what it says it is about.
func putMetadata(x *format.Exchange) error {
	b, err := readBody(x)
	if err != nil {
		return err
	}
	dir, snapshot := snapshotDir(x.R.PathValue("dir"))
	switch group := strings.ReplaceAll(dir, "/", "."); {
	case snapshot != "":
		err = putSnapshot(x, b, snapshot)
	case b.GroupID == x.Package.Namespace && b.ArtifactID == x.Package.Name:
		err = finish(x, b)
	case b.ArtifactID == "" && (b.GroupID == "" || b.GroupID == group):
		err = putPlugins(x, b, group)
	default:
		err = larder.Errorf(larder.Invalid, "The %s is about %.80q, not about %q.",
			metadataFile, b.GroupID+":"+b.ArtifactID, x.Package.Namespace+":"+x.Package.Name)
	}
	if err != nil {
		return err
	}
	x.W.WriteHeader(http.StatusCreated)
	return nil
}

// finish publishes the versions that a body names and that are Unfinished.
func finish(x *format.Exchange, b body) error {
	known, err := shown(x.R.Context(), x)
	if err != nil {
		return err
	}
	unfinished, missing, err := unfinished(x, b.named(), known)
	if err != nil {
		return err
	}
	for _, v := range unfinished {
		n, err := notesOf(*v)
		if err != nil {
			return err
		}
		if err := n.wrongChecksum(v.Version); err != nil {
			return err
		}
	}
	sums := b.upload.Sums()
	change := format.Change{Status: map[string]larder.Status{}, Notes: map[string]json.RawMessage{}}
	for _, v := range unfinished {
		if err := keep(x, b, v.Version); err != nil {
			return err
		}
		change.Status[v.Version] = larder.Published
		change.Notes[v.Version] = notes{Metadata: &sums}.encode()
	}
	if len(unfinished) == 0 {
		noteAgain(b, known, change)
	}
	if name := b.deployed(); missing[name] && !isSnapshot(name) {
		if err := keep(x, b, name); err != nil {
			return err
		}
	}
	if len(change.Notes) == 0 {
		return nil
	}
	return x.Registry.Amend(x.R.Context(), x.Package, change)
}

// shown are the versions of the package that clients may know of. There are
// none for who may publish but not read.
func shown(ctx context.Context, x *format.Exchange) (map[string]format.Version, error) {
	pkg, err := x.Registry.Package(ctx, x.Package)
	if larder.NotFound.Is(err) || larder.Denied.Is(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	versions := map[string]format.Version{}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read versions of %s: %w", x.Package, err)
		}
		versions[v.Version] = v
	}
	return versions, nil
}

// unfinished returns those of the named versions that are Unfinished, and the
// names of those that are not there.
func unfinished(x *format.Exchange, names []string, known map[string]format.Version) (found []*format.Version, missing map[string]bool, err error) {
	missing = map[string]bool{}
	for _, name := range names {
		if _, ok := known[name]; ok {
			continue
		}
		v, err := x.Registry.Version(x.R.Context(), ref(x, name))
		switch {
		case larder.NotFound.Is(err):
			missing[name] = true
		case err != nil:
			return nil, nil, err
		case v.Status == larder.Unfinished:
			found = append(found, v)
		}
	}
	return found, missing, nil
}

// keep makes a body an asset of a version. The first one stays.
func keep(x *format.Exchange, b body, version string) error {
	err := x.Registry.Publish(x.R.Context(), ref(x, version), format.Publication{
		Assets: []format.NewAsset{{Name: metadataFile, Upload: b.upload}},
		Status: larder.Unfinished,
	})
	if larder.Conflict.Is(err) {
		return nil
	}
	return err
}

// noteAgain adds to a change that a body came which finishes nothing: in the
// notes of a version that it names, or else of any that there is.
func noteAgain(b body, known map[string]format.Version, change format.Change) {
	for _, name := range slices.Concat(b.named(), slices.Collect(maps.Keys(known))) {
		if _, ok := known[name]; !ok {
			continue
		}
		change.Notes[name] = notes{Again: true}.encode()
		return
	}
}

// settle publishes a version whose metadata came before its files.
func settle(x *format.Exchange, name string) error {
	v, err := x.Registry.Version(x.R.Context(), ref(x, name))
	if err != nil {
		return err
	}
	n, err := notesOf(*v)
	if err != nil {
		return err
	}
	if v.Status != larder.Unfinished || !has(v, metadataFile) || len(v.Assets) < 2 || len(n.Wrong) > 0 {
		return nil
	}
	err = x.Registry.Amend(x.R.Context(), x.Package, format.Change{Status: map[string]larder.Status{name: larder.Published}})
	if larder.Denied.Is(err) {
		return nil // whoever put the metadata could not finish it either
	}
	return err
}

func has(v *format.Version, asset string) bool {
	for _, a := range v.Assets {
		if a.Name == asset {
			return true
		}
	}
	return false
}

// putMetadataChecksum holds a digest against the bodies that were put. None
// is known where nothing is shown yet, and not all are where a body has come
// again: then whatever is sent is taken.
func putMetadataChecksum(x *format.Exchange) error {
	if err := mayPublish(x, x.Package); larder.Denied.Is(err) {
		if mayPublishIn(x, x.Package.Namespace+"."+x.Package.Name) != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	sum, err := asked(x)
	if err != nil {
		return err
	}
	digest, err := sum.claimed(x.R.Body)
	if err != nil {
		return err
	}
	known, err := shown(x.R.Context(), x)
	if err != nil {
		return err
	}
	_, snapshot := snapshotDir(x.R.PathValue("dir"))
	heard, fits := false, len(known) == 0
	for _, v := range known {
		n, err := notesOf(v)
		if err != nil {
			return err
		}
		if isBuild(v.Version) != (snapshot != "") {
			continue
		}
		heard = heard || n.Metadata != nil
		fits = fits || n.Again || n.Metadata != nil && *sum.in(n.Metadata) == digest
	}
	if !fits {
		if fits, err = hasPackages(x, x.Package.Namespace+"."+x.Package.Name); err != nil {
			return err
		}
	}
	switch {
	case fits:
		x.W.WriteHeader(http.StatusOK)
		return nil
	case heard:
		return larder.Errorf(larder.Invalid, "The checksum %s matches no %s that was put.", digest, metadataFile)
	}
	return larder.Errorf(larder.NotFound, "No %s has been put, whose checksum this could be.", metadataFile)
}

// asked is the kind of checksum that a request for one is about.
func asked(x *format.Exchange) (*algorithm, error) {
	if name, sum := cutSum(x.R.PathValue("ext")); name == "" && sum != nil {
		return sum, nil
	}
	return nil, larder.Errorf(larder.Invalid, "Nothing but its checksums is kept beside a %s.", metadataFile)
}
