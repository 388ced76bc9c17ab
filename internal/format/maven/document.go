package maven

import (
	"context"
	"fmt"
	"io"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// getMetadata answers with the metadata of a snapshot, or of an artifact, or
// of the group whose path that could be as well; or with a checksum of it.
func getMetadata(x *format.Exchange) error {
	var sum *algorithm
	if x.R.PathValue("ext") != "" {
		var err error
		if sum, err = asked(x); err != nil {
			return absent(err)
		}
	}
	if _, snapshot := snapshotDir(x.R.PathValue("dir")); snapshot != "" {
		return getSnapshot(x, snapshot, sum)
	}
	err := x.Render(metadataFile+x.R.PathValue("ext"), typeOf(sum), func(ctx context.Context, w io.Writer) (string, error) {
		document, stamp, err := describe(ctx, x)
		if err != nil {
			return "", err
		}
		_, err = w.Write(digested(document, sum))
		return stamp, err
	})
	if !larder.NotFound.Is(err) {
		return err
	}
	return sendGroup(x, x.Package.Namespace+"."+x.Package.Name, sum)
}

// typeOf is the type of a document, or of a checksum of one.
func typeOf(sum *algorithm) string {
	if sum != nil {
		return plainText
	}
	return xmlType
}

// digested is the document, or a checksum of it.
func digested(document []byte, sum *algorithm) []byte {
	if sum != nil {
		return []byte(sum.of(document))
	}
	return document
}

// describe makes the metadata of the artifact that a request is about. The
// plugins of the group of the same path are as they were when the artifact
// changed last: nothing tells that they have changed.
func describe(ctx context.Context, x *format.Exchange) (document []byte, stamp string, err error) {
	pkg, err := x.Registry.Package(ctx, x.Package)
	if err != nil {
		return nil, "", err
	}
	l := listing{group: pkg.Ref.Namespace, artifact: pkg.Ref.Name}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, "", fmt.Errorf("read versions of %s: %w", x.Package, err)
		}
		l.add(v)
	}
	if len(l.versions) == 0 {
		return nil, "", nothing(l.group + ":" + l.artifact)
	}
	plugins, err := plugins(ctx, x, l.group+"."+l.artifact, pkg.Remarks)
	if err != nil {
		return nil, "", err
	}
	return l.render(plugins), pkg.Stamp, nil
}

func nothing(of string) error {
	return &larder.Error{Kind: larder.NotFound, Resource: "package", ID: of, Message: "Nothing is known of " + of + "."}
}

// getSnapshot answers with the metadata of a snapshot, which was made when
// the snapshot was.
func getSnapshot(x *format.Exchange, snapshot string, sum *algorithm) error {
	at := larder.AssetRef{Version: ref(x, snapshot), Name: metadataFile}
	if sum != nil {
		a, err := x.Find(at)
		if err != nil {
			return err
		}
		return getChecksum(x, a, sum)
	}
	x.W.Header().Set("Content-Type", xmlType)
	return x.Send(at)
}
