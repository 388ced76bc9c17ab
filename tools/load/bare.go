package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// canned is an answer that the bare handler gives at a path, whose body is in
// a file.
type canned struct {
	Path   string
	Header map[string]string
	File   string
	Stream bool // from the file each time, as the kernel can; else from memory
}

const (
	cannedFile  = "canned.json"
	publishPath = "/publish"
	putPath     = "/put"
)

// serveBare is the other side of every comparison: net/http and a handler
// that does nothing but answer, without a look at who asks. It serves what is
// canned in a directory, and takes publishes as the floor does.
func serveBare(ctx context.Context, dir string, w io.Writer) error {
	text, err := os.ReadFile(filepath.Join(dir, cannedFile))
	if err != nil {
		return err
	}
	var all []canned
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	f, err := openFloor(dir)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(publishPath, f)
	mux.Handle(putPath, f)
	for _, c := range all {
		h, err := c.handler(dir)
		if err != nil {
			return err
		}
		mux.Handle(c.Path, h)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, l.Addr())
	return (&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}).Serve(l)
}

func (c canned) handler(dir string) (http.Handler, error) {
	path := filepath.Join(dir, c.File)
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	length := strconv.Itoa(len(body))
	etag := c.Header["etag"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range c.Header {
			h.Set(name, value)
		}
		if c.Stream {
			file, err := os.Open(path)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			defer file.Close()
			http.ServeContent(w, r, "", time.Time{}, file)
			return
		}
		if etag != "" && r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Length", length)
		w.Write(body)
	}), nil
}

// startBare starts the bare handler as a process of its own.
func startBare(ctx context.Context, dir string, all []canned) (*process, error) {
	text, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, cannedFile), text, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, "-bare", dir)}
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	line := make([]byte, 64)
	n, err := out.Read(line)
	p.addr = strings.TrimSpace(string(line[:n]))
	return p, err
}
