package data_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dial opens a connection to the registry.
func (e *env) dial() net.Conn {
	e.Helper()
	conn, err := new(net.Dialer).DialContext(e.Context(), "tcp", strings.TrimPrefix(e.URL, "http://"))
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { conn.Close() })
	return conn
}

// head is the head of a request with a body of n bytes.
func (e *env) head(a ask, bears string, n int, header ...string) string {
	lines := append([]string{
		a.method + " " + e.base + a.path + " HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer " + bears,
		fmt.Sprint("Content-Length: ", n),
	}, header...)
	if a.kind != "" {
		lines = append(lines, "Content-Type: "+a.kind)
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// A connection that is cut leaves neither a version nor bytes.
func TestATruncatedUploadLeavesNothing(t *testing.T) {
	onSurfaces(t, func(e *env) {
		a := e.publish(e.TB, "thing", "1.0.0", strings.Repeat("0123456789abcdef", 1<<17)) // it is spooled to a file
		for _, sent := range []int{0, 1, len(a.body) / 3, len(a.body) - 1} {
			conn := e.dial()
			if _, err := io.WriteString(conn, e.head(a, e.token, len(a.body))+a.body[:sent]); err != nil {
				e.Fatal(err)
			}
			if err := conn.Close(); err != nil {
				e.Fatal(err)
			}
		}
		e.until("the log has four refusals", func() bool {
			return strings.Count(e.Env.Log.String(), "status=499") == 4
		})
		if log := e.Env.Log.String(); strings.Contains(log, "level=ERROR") {
			e.Errorf("a client that goes is no error of ours: %s", log)
		}
		e.want(404, e.get(e.index("thing")), "the package")
		for _, dir := range []string{"tmp", "??"} {
			left, err := filepath.Glob(filepath.Join(e.Dir, "blobs", dir, "*"))
			if err != nil || len(left) > 0 {
				e.Errorf("left behind: %v %v", left, err)
			}
		}
		e.want(e.published, e.do(a), "the whole")
	})
}

// until waits for what happens beside.
func (e *env) until(what string, ok func() bool) {
	e.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			e.Fatalf("%s: it never happened: %s", what, e.Env.Log.String())
		}
	}
}

// Who asks whether to send a body is refused without one.
func TestAnUnwantedBodyIsNotAskedFor(t *testing.T) {
	onSurfaces(t, func(e *env) {
		reader := e.allowed("reader", read)
		a := e.publish(e.TB, "thing", "1.0.0", filler)
		for _, test := range []struct {
			claim, bears string
			want         int
		}{
			{"no good token", "x", 401},
			{"no permission", reader, e.unlessUnnamed(403, 100)},
			{"fine", e.token, 100},
		} {
			conn := e.dial()
			if _, err := io.WriteString(conn, e.head(a, test.bears, 1<<30, "Expect: 100-continue")); err != nil {
				e.Fatal(err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				e.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != test.want {
				e.Errorf("%s: got %d, want %d", test.claim, res.StatusCode, test.want)
			}
		}
	})
}

// unlessUnnamed is status, or otherwise where only the body says which package
// a publish is about: then nobody can be refused before it was read.
func (e *env) unlessUnnamed(status, otherwise int) int {
	if e.unnamed {
		return otherwise
	}
	return status
}

// Clients that send the whole of a body before they read take an early answer
// for a broken connection: they are listened to, and refused afterwards.
func TestARefusalWaitsForTheBody(t *testing.T) {
	onSurfaces(t, func(e *env) {
		reader := e.allowed("reader", read)
		a := e.publish(e.TB, "thing", "1.0.0", filler)
		const size = 8 << 20 // more than the sockets hold
		for _, test := range []struct {
			claim, bears, method, path string
			want                       int
		}{
			{"no good token", "x", a.method, a.path, 401},
			{"no permission", reader, a.method, a.path, e.unlessUnnamed(403, 400)}, // or no form
			{"no route", e.token, "PATCH", "no/such/route/at/all", 404},            // to Maven, it is one to PUT to
		} {
			conn := e.dial()
			body := e.head(ask{method: test.method, path: test.path}, test.bears, size) + strings.Repeat("x", size)
			if _, err := io.WriteString(conn, body); err != nil {
				e.Errorf("%s: the body was not taken: %v", test.claim, err)
				continue
			}
			r := bufio.NewReader(conn)
			res, err := http.ReadResponse(r, nil)
			if err != nil {
				e.Errorf("%s: %v", test.claim, err)
				continue
			}
			io.Copy(io.Discard, res.Body) //nolint:errcheck // the next answer tells
			if res.StatusCode != test.want || res.Close {
				e.Errorf("%s: got %d, close: %v, want %d and the connection left open", test.claim, res.StatusCode, res.Close, test.want)
			}
			if _, err := io.WriteString(conn, e.head(ask{method: "GET", path: "-"}, "x", 0)); err != nil {
				e.Errorf("%s: the connection is of no use any more: %v", test.claim, err)
			}
		}
	})
}

func TestWhoGoesIsNoErrorOfOurs(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", strings.Repeat("0123456789abcdef", 1<<18))
		conn := e.dial()
		if _, err := io.WriteString(conn, e.head(ask{method: "GET", path: e.asset("thing", "1.0.0")}, e.token, 0)); err != nil {
			e.Fatal(err)
		}
		if _, err := io.ReadFull(conn, make([]byte, 100)); err != nil {
			e.Fatal(err)
		}
		conn.Close()
		e.until("the read is logged", func() bool { return strings.Contains(e.Env.Log.String(), "op=codeartifact:ReadFromRepository") })
		if log := e.Env.Log.String(); strings.Contains(log, "level=ERROR") {
			e.Errorf("got %s", log)
		}
	})
}
