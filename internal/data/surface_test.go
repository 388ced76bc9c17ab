package data_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"larder.example/larder"
)

// surface is how a package manager asks for what every format promises alike.
// A format is one row of surfaces; paths are below its endpoint.
type surface struct {
	format    larder.Format
	namespace string // of every package

	// publish publishes a version of a package with some content in it.
	publish func(t testing.TB, name, version, content string) ask

	// finish lists what publish published. Nil: it is listed already.
	finish func(name, version string) ask

	// amend changes what is not bytes of a version, differently for each word.
	// Nil: nothing does.
	amend func(name, version, word string) ask

	index func(name string) string          // its path
	asset func(name, version string) string // the path of what publish published

	// documents are the forms in which the index is asked for.
	documents []string

	published int // the status of a publish

	unnamed  bool // a publish names its package in the body only
	relative bool // the links of the index are, or it has none
}

// ask is a request.
type ask struct {
	method, path string
	body         string
	kind         string // its Content-Type; empty: none
}

var surfaces = []surface{
	{
		format:    larder.Maven,
		namespace: "org.acme",
		publish: func(_ testing.TB, name, version, content string) ask {
			return ask{method: "PUT", path: mavenJar(name, version), body: content}
		},
		finish: func(name, version string) ask {
			return ask{method: "PUT", path: "org/acme/" + name + "/maven-metadata.xml", body: "<metadata><groupId>org.acme</groupId><artifactId>" + name +
				"</artifactId><versioning><versions><version>" + version + "</version></versions></versioning></metadata>"}
		},
		index:     func(name string) string { return "org/acme/" + name + "/maven-metadata.xml" },
		asset:     mavenJar,
		documents: []string{"*/*"},
		published: 201,
		relative:  true,
	},
	{
		format:  larder.NPM,
		publish: npmPublish,
		amend: func(name, version, word string) ask {
			return ask{method: "PUT", path: "-/package/" + name + "/dist-tags/" + word, body: `"` + version + `"`}
		},
		index:     func(name string) string { return name },
		asset:     func(name, version string) string { return name + "/-/" + name + "-" + version + ".tgz" },
		documents: []string{"application/json", "application/vnd.npm.install-v1+json"},
		published: 201,
	},
	{
		format:  larder.PyPI,
		publish: pypiPublish,
		index:   func(name string) string { return "simple/" + name + "/" },
		asset: func(name, version string) string {
			return "simple/" + name + "/" + version + "/" + name + "-" + version + "-py3-none-any.whl"
		},
		documents: []string{"text/html", "application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+json"},
		published: 200,
		unnamed:   true,
		relative:  true,
	},
}

func mavenJar(name, version string) string {
	return "org/acme/" + name + "/" + version + "/" + name + "-" + version + ".jar"
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
	return ask{method: "PUT", path: name, body: string(document)}
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

// pypiPublish is what twine sends to publish a wheel.
func pypiPublish(t testing.TB, name, version, content string) ask {
	var body, wheel bytes.Buffer
	archive := zip.NewWriter(&wheel)
	for _, file := range []struct{ name, body string }{
		{name + ".py", content},
		{name + "-" + version + ".dist-info/METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"},
	} {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: file.name}) // stored: as large as its content
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprint(w, file.body); err != nil {
			t.Fatal(err)
		}
	}
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("content", name+"-"+version+"-py3-none-any.whl")
	if err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := wheel.WriteTo(file); err != nil {
		t.Fatal(err)
	}
	for _, field := range [][2]string{{":action", "file_upload"}, {"name", name}, {"version", version}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return ask{method: "POST", body: body.String(), kind: form.FormDataContentType()}
}

// filler is content that makes documents worth compressing.
var filler = strings.Repeat("content ", 200)
