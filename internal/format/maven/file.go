package maven

import (
	"net/http"
	"path"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// checksumHeaders are those in which Maven Resolver looks for an asset's
// checksums before it asks for their files, as Maven Central sends them.
var checksumHeaders = [...]string{"X-Checksum-Md5", "X-Checksum-Sha1"}

// getFile answers with a file of a version, or a checksum of one.
func getFile(x *format.Exchange) error {
	p, err := parse(x.R.PathValue("path"))
	if err != nil {
		return absent(err)
	}
	at, a, err := find(x, p)
	if err != nil {
		return err
	}
	if p.sum != nil {
		if *p.sum.in(&a.Sums) == "" { // it is not here yet
			if a, err = x.Fetch(at); err != nil {
				return err
			}
		}
		return getChecksum(x, a, p.sum)
	}
	h := x.W.Header()
	h.Set("Content-Type", contentType(p.file))
	if a.Stored {
		h[checksumHeaders[0]], h[checksumHeaders[1]] = []string{a.Sums.MD5}, []string{a.Sums.SHA1}
	}
	return x.Send(at)
}

// find looks for a file in the version of its directory, and then in the
// build that its name tells: a snapshot has the files of its newest build,
// and clients ask for those of older ones in the same directory.
func find(x *format.Exchange, p place) (larder.AssetRef, format.Asset, error) {
	at := larder.AssetRef{Version: ref(x, p.version), Name: p.file}
	a, err := x.Find(at)
	if !larder.NotFound.Is(err) || !isSnapshot(p.version) {
		return at, a, err
	}
	name, wrong := p.build()
	if wrong != nil {
		return at, a, err
	}
	at.Version.Version = name
	a, err = x.Find(at)
	return at, a, err
}

// putFile makes a file part of its version. It is Unfinished as long as no
// metadata names it.
func putFile(x *format.Exchange) error {
	p, err := parse(x.R.PathValue("path"))
	if err != nil {
		return err
	}
	if p.sum != nil {
		return putChecksum(x, p)
	}
	name, err := p.build()
	if err != nil {
		return err
	}
	ctx := x.R.Context()
	u, err := x.Registry.Upload(ctx, x.R.Body)
	if err != nil {
		return err
	}
	publication := format.Publication{
		Assets: []format.NewAsset{{Name: p.file, Upload: u}},
		Status: larder.Unfinished,
	}
	switch {
	case p.isPOM(name):
		read, err := readPOM(u, u.Size())
		if err != nil {
			return err
		}
		if err := read.check(p, name); err != nil {
			return err
		}
		if publication.Facts, err = read.manifest().facts(p.group, p.artifact, name); err != nil {
			return err
		}
	case p.isJar(name):
		publication.Assets[0].Manifest = readDescriptor(u, u.Size())
	}
	if err := x.Registry.Publish(ctx, ref(x, name), publication); err != nil {
		return err
	}
	if name == p.version {
		if err := settle(x, name); err != nil {
			return err
		}
	}
	x.W.WriteHeader(http.StatusCreated)
	return nil
}

// contentType is what a file is by its name. What a browser would run has no
// type of its own.
func contentType(file string) string {
	switch path.Ext(file) {
	case ".pom", ".xml":
		return xmlType
	case ".jar", ".war", ".ear", ".aar", ".rar":
		return "application/java-archive"
	case ".module":
		return "application/vnd.org.gradle.module+json"
	case ".asc":
		return plainText
	case ".zip":
		return "application/zip"
	case ".gz", ".tgz":
		return "application/gzip"
	}
	return "application/octet-stream"
}
