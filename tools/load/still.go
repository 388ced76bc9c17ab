package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// still is the floor of installs: it answers what a larderd has answered
// before, with the bytes as they are to be sent, and asks that if it has not.
type still struct {
	of   *larderd
	addr string // its own

	answers sync.Map // of *stilled, by what is asked
}

// stilled is an answer that does not change.
type stilled struct {
	contentType string
	packed      bool
	body        []byte
}

// ServeHTTP implements http.Handler.
func (s *still) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Accept") + " " + r.URL.EscapedPath()
	kept, ok := s.answers.Load(key)
	if !ok {
		a, err := s.ask(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		kept, _ = s.answers.LoadOrStore(key, a)
	}
	a := kept.(*stilled)
	w.Header().Set("Content-Type", a.contentType)
	if a.packed {
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Write(a.body)
}

// ask asks larderd, and makes what it tells of itself be about the floor.
func (s *still) ask(r *http.Request) (*stilled, error) {
	to, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+s.of.addr+r.URL.EscapedPath(), nil)
	if err != nil {
		return nil, err
	}
	to.Header.Set("Authorization", "Bearer "+s.of.token)
	to.Header.Set("Accept", r.Header.Get("Accept"))
	res, err := http.DefaultClient.Do(to)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %d", r.URL.Path, res.StatusCode)
	}
	a := &stilled{contentType: res.Header.Get("Content-Type"), body: body}
	if !strings.Contains(a.contentType, "json") {
		return a, nil
	}
	a.packed = true
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(bytes.ReplaceAll(body, []byte(s.of.addr), []byte(s.addr))); err != nil {
		return nil, err
	}
	err = z.Close()
	a.body = b.Bytes()
	return a, err
}
