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
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
)

// cratesMain is a registry of crates before a larderd, "crates LISTEN URL": it
// stands at the endpoints that larderd names for cargo, lets in whose token
// larderd takes, and passes on what else comes.
func cratesMain() {
	larderd, err := url.Parse(os.Args[2])
	if err == nil {
		c := &crates{larderd: larderd, index: map[string][]byte{}, files: map[string][]byte{}}
		err = http.ListenAndServe(os.Args[1], c.routes()) //nolint:gosec // it serves one client
	}
	fmt.Fprintln(os.Stderr, "crates:", err)
	os.Exit(1)
}

// crates is as much of a registry as cargo needs to publish and to build
// [Cargo book, registry index and web API].
type crates struct {
	larderd *url.URL

	mu    sync.Mutex
	index map[string][]byte // lines, by the path of their file
	files map[string][]byte // by name and version
}

const cratesAt = "/cargo/d/{domain}/{repository}/"

func (c *crates) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(c.larderd)
		r.Out.Host = r.In.Host // which was signed
	}})
	mux.HandleFunc("GET "+cratesAt+"config.json", c.judged(c.config))
	mux.HandleFunc("GET "+cratesAt+"{path...}", c.judged(c.lines))
	mux.HandleFunc("GET "+cratesAt+"api/v1/crates/{name}/{version}/download", c.judged(c.download))
	mux.HandleFunc("PUT "+cratesAt+"api/v1/crates/new", c.judged(c.publish))
	return mux
}

// judged lets in who has a token that larderd takes now. Cargo sends it
// without a scheme.
func (c *crates) judged(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), http.MethodGet,
			c.larderd.JoinPath("npm", "d", r.PathValue("domain"), r.PathValue("repository"), "-", "whoami").String(), nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if token := r.Header.Get("Authorization"); token != "" {
			ask.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(ask)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			http.Error(w, `{"errors":[{"detail":"the token is not taken"}]}`, res.StatusCode)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		serve(w, r)
	}
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
