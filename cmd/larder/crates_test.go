package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// crates is as much of a registry as cargo needs to publish and to build
// [Cargo book, registry index and web API].
type crates struct {
	index map[string][]byte // lines, by the path of their file
	files map[string][]byte // by name and version
}

func (c *crates) routes(f *front) {
	const at = "/cargo/d/{domain}/{repository}/"
	f.handle("GET "+at+"config.json", c.config)
	f.handle("GET "+at+"{path...}", c.lines)
	f.handle("GET "+at+"api/v1/crates/{name}/{version}/download", c.download)
	f.handle("PUT "+at+"api/v1/crates/new", c.publish)
}

func (c *crates) config(w http.ResponseWriter, r *http.Request) {
	api := "http://" + r.Host + strings.TrimSuffix(r.URL.Path, "/config.json")
	fmt.Fprintf(w, `{"dl":%q,"api":%q,"auth-required":true}`, api+"/api/v1/crates", api)
}

func (c *crates) lines(w http.ResponseWriter, r *http.Request) {
	lines, ok := c.index[r.PathValue("path")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Write(lines)
}

func (c *crates) download(w http.ResponseWriter, r *http.Request) {
	file, ok := c.files[r.PathValue("name")+" "+r.PathValue("version")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Write(file)
}

func (c *crates) publish(w http.ResponseWriter, r *http.Request) {
	text, err := part(r.Body)
	file, err2 := part(r.Body)
	var about struct{ Name, Vers string }
	if err := errors.Join(err, err2, json.Unmarshal(text, &about)); err != nil || len(about.Name) < 4 {
		http.Error(w, fmt.Sprintf(`{"errors":[{"detail":"%s: %v"}]}`, about.Name, err), http.StatusBadRequest)
		return
	}
	sum := sha256.Sum256(file)
	line := fmt.Sprintf(`{"name":%q,"vers":%q,"deps":[],"cksum":%q,"features":{},"yanked":false}`, about.Name, about.Vers, hex.EncodeToString(sum[:]))
	at := about.Name[:2] + "/" + about.Name[2:4] + "/" + about.Name
	c.index[at] = append(c.index[at], line+"\n"...)
	c.files[about.Name+" "+about.Vers] = file
	io.WriteString(w, `{"warnings":{"invalid_categories":[],"invalid_badges":[],"other":[]}}`)
}

// part reads what has its length, 32 bits, before it.
func part(r io.Reader) ([]byte, error) {
	var size uint32
	if err := binary.Read(r, binary.LittleEndian, &size); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, int64(size))
	return b.Bytes(), err
}
