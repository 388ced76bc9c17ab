package data_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"larder.example/larder"
)

// surface is how a package manager asks for what every format promises alike.
// A format is one row of surfaces; paths are below its endpoint.
type surface struct {
	format larder.Format

	// publish publishes a version of a package with some content in it.
	publish func(t testing.TB, name, version, content string) ask

	// amend changes what is not bytes of a version, differently for each word.
	amend func(name, version, word string) ask

	index func(name string) string          // its path
	asset func(name, version string) string // the path of what publish published

	// documents are the forms in which the index is asked for.
	documents []string

	published int // the status of a publish
}

// ask is a request.
type ask struct {
	method, path string
	body         string
}

var surfaces = []surface{
	{
		format:  larder.NPM,
		publish: npmPublish,
		amend: func(name, version, word string) ask {
			return ask{"PUT", "-/package/" + name + "/dist-tags/" + word, `"` + version + `"`}
		},
		index:     func(name string) string { return name },
		asset:     func(name, version string) string { return name + "/-/" + name + "-" + version + ".tgz" },
		documents: []string{"application/json", "application/vnd.npm.install-v1+json"},
		published: 201,
	},
}

// npmPublish is what npm sends to publish.
func npmPublish(t testing.TB, name, version, content string) ask {
	manifest := map[string]any{"name": name, "version": version}
	tarball := npmTarball(t, manifest, content)
	document, err := json.Marshal(map[string]any{
		"_id": name, "name": name,
		"dist-tags": map[string]string{"latest": version},
		"versions":  map[string]any{version: manifest},
		"_attachments": map[string]any{name + "-" + version + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(tarball), "length": len(tarball),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return ask{"PUT", name, string(document)}
}

func npmTarball(t testing.TB, manifest map[string]any, content string) []byte {
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	archive := tar.NewWriter(z)
	for _, file := range []struct{ name, body string }{
		{"package/package.json", string(text)}, {"package/index.js", content},
	} {
		if err := archive.WriteHeader(&tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(archive, file.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filler is content that makes documents worth compressing.
var filler = strings.Repeat("content ", 200)
