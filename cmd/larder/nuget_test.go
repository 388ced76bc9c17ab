package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"
)

// nupkgs is as much of a registry as NuGet needs to push and to restore
// [NuGet server API, version 3].
type nupkgs struct {
	versions map[string][]string // by lower-case ID
	files    map[string][]byte   // by ID and version
}

func (n *nupkgs) routes(f *front) {
	const at = "/nuget/d/{domain}/{repository}/v3/"
	f.handle("GET "+at+"index.json", n.index)
	f.handle("PUT "+at+"package/", n.push)
	f.handle("GET "+at+"flat/{id}/index.json", n.list)
	f.handle("GET "+at+"flat/{id}/{version}/{file}", n.download)
}

func (n *nupkgs) index(w http.ResponseWriter, r *http.Request) {
	base := "http://" + r.Host + path.Dir(r.URL.Path)
	answer(w, map[string]any{"version": "3.0.0", "resources": []map[string]string{
		{"@id": base + "/package", "@type": "PackagePublish/2.0.0"},
		{"@id": base + "/flat/", "@type": "PackageBaseAddress/3.0.0"},
	}})
}

func (n *nupkgs) push(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("package")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	bytes, err := io.ReadAll(file)
	id, version, err2 := nuspec(bytes)
	if err := errors.Join(err, err2); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n.versions[id] = append(n.versions[id], version)
	n.files[id+" "+version] = bytes
	w.WriteHeader(http.StatusCreated)
}

// nuspec returns what a package says that it is.
func nuspec(file []byte) (id, version string, err error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", "", err
	}
	for _, f := range z.File {
		if strings.Contains(f.Name, "/") || path.Ext(f.Name) != ".nuspec" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return "", "", err
		}
		defer r.Close()
		var about struct {
			ID      string `xml:"metadata>id"`
			Version string `xml:"metadata>version"`
		}
		err = xml.NewDecoder(r).Decode(&about)
		return strings.ToLower(about.ID), strings.ToLower(about.Version), err
	}
	return "", "", errors.New("there is no nuspec")
}

func (n *nupkgs) list(w http.ResponseWriter, r *http.Request) {
	versions, ok := n.versions[r.PathValue("id")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	answer(w, map[string]any{"versions": versions})
}

func (n *nupkgs) download(w http.ResponseWriter, r *http.Request) {
	file, ok := n.files[r.PathValue("id")+" "+r.PathValue("version")]
	if !ok || path.Ext(r.PathValue("file")) != ".nupkg" {
		http.NotFound(w, r)
		return
	}
	w.Write(file)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(http.ErrAbortHandler)
	}
}
