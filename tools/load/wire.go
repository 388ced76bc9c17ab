package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// connection sends requests that are ready and reads no more of the answers
// than must be.
type connection struct {
	net.Conn
	r *bufio.Reader
}

func dial(ctx context.Context, addr string) (*connection, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// answer is what came back.
type answer struct {
	status int
	header map[string]string // only if it was asked for; lower-case names
	body   []byte            // the same
	size   int64             // of the body
}

// do sends a request and throws the answer away but for its status and size.
func (c *connection) do(request message) (answer, error) { return c.exchange(request, false) }

// ask sends a request and keeps the answer.
func (c *connection) ask(request message) (answer, error) { return c.exchange(request, true) }

func (c *connection) exchange(request message, keep bool) (a answer, err error) {
	parts := net.Buffers{request.head}
	if len(request.body) > 0 {
		parts = append(parts, request.body)
	}
	if _, err := parts.WriteTo(c.Conn); err != nil {
		return a, err
	}
	line, err := c.line()
	if err != nil {
		return a, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return a, fmt.Errorf("no status line: %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, err
	}
	length, chunked := int64(0), false
	if keep {
		a.header = map[string]string{}
	}
	for {
		if line, err = c.line(); err != nil {
			return a, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return a, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			chunked = true
		}
		if keep {
			a.header[string(bytes.ToLower(name))] = string(value)
		}
	}
	if a.status == 304 || a.status == 204 {
		return a, nil
	}
	var body bytes.Buffer
	var to io.Writer = io.Discard
	if keep {
		to = &body
	}
	if chunked {
		a.size, err = c.chunks(to)
	} else {
		a.size, err = c.copy(to, length)
	}
	a.body = body.Bytes()
	return a, err
}

// line returns the next line without its end.
func (c *connection) line() ([]byte, error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

func (c *connection) copy(to io.Writer, n int64) (int64, error) {
	if to != io.Discard {
		return io.CopyN(to, c.r, n)
	}
	for left := n; left > 0; {
		skipped, err := c.r.Discard(int(min(left, 1<<20)))
		if err != nil {
			return n - left, err
		}
		left -= int64(skipped)
	}
	return n, nil
}

func (c *connection) chunks(to io.Writer) (size int64, err error) {
	for {
		line, err := c.line()
		if err != nil {
			return size, err
		}
		n, err := strconv.ParseInt(string(line), 16, 64)
		if err != nil {
			return size, err
		}
		if _, err := c.copy(to, n); err != nil {
			return size, err
		}
		if end, err := c.line(); err != nil || len(end) > 0 {
			return size, errors.Join(err, errors.New("a chunk without its end"))
		}
		if size += n; n == 0 {
			return size, nil
		}
	}
}

// request spells a request. Header lines come as "Name: value".
func request(method, target, host string, body []byte, header ...string) message {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n", method, target, host)
	for _, h := range header {
		b.WriteString(h + "\r\n")
	}
	if body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	b.WriteString("\r\n")
	return message{b.Bytes(), body}
}

// unpackedSize is the size of what was compressed by gzip.
func unpackedSize(body []byte) (int, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, z)
	return int(n), err
}
