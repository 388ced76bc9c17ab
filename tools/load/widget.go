package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

const (
	usualTarball = 20 << 10
	largeTarball = 302 << 10
)

// version is a version of a package, ready to be published. All that is in it
// follows from its name: two runs publish the same bytes.
type version struct {
	pkg, number string
	tarball     []byte
	manifest    map[string]any
}

// newVersion makes a version whose tarball has about size bytes and whose
// manifest has 1.3 KB, as that of a usual package, and extra bytes more.
func newVersion(pkg, number string, size, extra int) (version, error) {
	v := version{pkg: pkg, number: number}
	noise := rand.New(rand.NewPCG(seed(pkg), seed(number)))
	v.manifest = map[string]any{
		"name": pkg, "version": number,
		"description":     "A widget that does what widgets do, only faster.",
		"license":         "MIT",
		"main":            "index.js",
		"homepage":        "https://widget.test/",
		"keywords":        []string{"widget", "fast", "perf"},
		"author":          map[string]string{"name": "Ada", "email": "ada@widget.test"},
		"repository":      map[string]string{"type": "git", "url": "git+https://git.test/perf/widget.git"},
		"bugs":            map[string]string{"url": "https://git.test/perf/widget/issues"},
		"scripts":         map[string]string{"test": "node --test", "build": "node build.js"},
		"engines":         map[string]string{"node": ">=18"},
		"dependencies":    dependencies(noise, "dependency", 9),
		"devDependencies": dependencies(noise, "tool", 3),
	}
	if extra > 0 {
		v.manifest["x-notes"] = words(noise, extra)
	}
	var err error
	if v.tarball, err = pack(noise, v.manifest, size); err != nil {
		return v, err
	}
	return v, nil
}

func seed(s string) uint64 {
	sum := sha1.Sum([]byte(s))
	var n uint64
	for _, b := range sum[:8] {
		n = n<<8 | uint64(b)
	}
	return n
}

func dependencies(noise *rand.Rand, kind string, n int) map[string]string {
	all := map[string]string{}
	for i := range n {
		all[fmt.Sprintf("@perf/%s-%d", kind, i)] = fmt.Sprintf("^%d.%d.%d", noise.IntN(9), noise.IntN(20), noise.IntN(20))
	}
	return all
}

// words is text that compresses about as well as manifests do.
func words(noise *rand.Rand, size int) string {
	vocabulary := make([]string, 400)
	for i := range vocabulary {
		word := make([]byte, 4+noise.IntN(8))
		for j := range word {
			word[j] = byte('a' + noise.IntN(26))
		}
		vocabulary[i] = string(word)
	}
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(vocabulary[noise.IntN(len(vocabulary))])
		b.WriteByte(' ')
	}
	return b.String()
}

// pack makes a tarball with a manifest and noise in it.
func pack(noise *rand.Rand, manifest map[string]any, size int) ([]byte, error) {
	text, err := json.Marshal(manifest)
	if err != nil {
		return nil, err
	}
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(noise.Uint32())
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression) // noise does not get smaller
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(z)
	for _, file := range []struct {
		name string
		body []byte
	}{{"package/package.json", text}, {"package/index.js", body}} {
		if err := archive.WriteHeader(&tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.body))}); err != nil {
			return nil, err
		}
		if _, err := archive.Write(file.body); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// document is what npm sends to publish the version.
func (v version) document() ([]byte, error) {
	s1, s512 := sha1.Sum(v.tarball), sha512.Sum512(v.tarball)
	manifest := map[string]any{
		"_id": v.pkg + "@" + v.number, "_nodeVersion": "20.20.2", "_npmVersion": "11.19.1",
		"dist": map[string]string{
			"integrity": "sha512-" + base64.StdEncoding.EncodeToString(s512[:]),
			"shasum":    hex.EncodeToString(s1[:]),
			"tarball":   "http://localhost/" + v.pkg + "/-/" + v.pkg + "-" + v.number + ".tgz",
		},
	}
	for key, value := range v.manifest {
		manifest[key] = value
	}
	return json.Marshal(map[string]any{
		"_id": v.pkg, "name": v.pkg, "access": nil,
		"dist-tags": map[string]string{"latest": v.number},
		"versions":  map[string]any{v.number: manifest},
		"_attachments": map[string]any{v.pkg + "-" + v.number + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": v.tarball, "length": len(v.tarball),
		}},
	})
}
