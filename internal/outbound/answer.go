package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"larder.example/larder"
)

// Answer is an answer that has begun.
type Answer struct {
	Unchanged bool   // 304: the asker has it
	URL       string // where it came from in the end
	Header    textproto.MIMEHeader
	Length    int64 // of the body, -1 if it is not known beforehand

	// Body fails with larder.TooLarge beyond the request's Most, and with
	// larder.Unavailable where the host breaks off or pauses for too long. It
	// ends only where the host says that it does.
	Body io.ReadCloser
}

// judge turns what is no answer into an error, and takes note of it.
func (c *Client) judge(h *host, u *url.URL, res *http.Response, r Request) error {
	status := res.StatusCode
	switch wait := retryAfter(res.Header, c.now()); {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && wait > 0:
		wait = min(max(wait, leastWait), mostWait)
		h.wait(c.now().Add(wait))
		return &larder.Error{Kind: larder.Throttled, RetryAfter: wait, Message: u.Host + " asks for patience."}
	case status >= 500:
		h.failed(c.now())
		return larder.Errorf(larder.Unavailable, "%s answers %d.", u.Host, status)
	}
	h.worked()
	switch {
	case status == http.StatusNotModified && (r.ETag != "" || r.Modified != ""):
		return nil
	case status == http.StatusOK, redirect(res) != "":
		return nil
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusUnavailableForLegalReasons:
		return larder.Errorf(larder.NotFound, "%s does not have it (%d).", u.Host, status)
	}
	return larder.Errorf(larder.Unavailable, "%s answers %d.", u.Host, status)
}

// answer makes an answer whose body holds the host's slot until it is closed.
func (c *Client) answer(r Request, u *url.URL, res *http.Response, cancel context.CancelCauseFunc, leave func()) (*Answer, error) {
	a := &Answer{
		Unchanged: res.StatusCode == http.StatusNotModified,
		URL:       u.String(), Header: textproto.MIMEHeader(res.Header), Length: res.ContentLength,
	}
	most := either(r.Most, defaultMost)
	if !r.Head && a.Length > most {
		return nil, larder.Errorf(larder.TooLarge, "What %s sends is larger than %d bytes.", u.Host, most)
	}
	pause := either(c.Stall, stall)
	b := &body{
		host: u.Host, raw: res.Body, left: most, most: most, pause: pause,
		end: sync.OnceFunc(func() { cancel(nil); leave() }),
	}
	b.late = time.AfterFunc(pause, func() { cancel(errSlow) })
	b.from = b.raw
	if r.Packed && strings.EqualFold(res.Header.Get("Content-Encoding"), "gzip") && !r.Head && !a.Unchanged {
		z, err := gzip.NewReader(b.raw)
		if err != nil {
			b.late.Stop()
			return nil, &larder.Error{Kind: larder.Unavailable, Err: err, Message: u.Host + " sends what is not compressed as it says."}
		}
		b.from, a.Length = z, -1
	}
	a.Body = b
	return a, nil
}

// body is the body of an answer.
type body struct {
	host       string
	raw        io.ReadCloser
	from       io.Reader // raw, or what inflates it
	left, most int64
	pause      time.Duration
	late       *time.Timer // ends the request when the body pauses
	end        func()
}

func (b *body) Read(p []byte) (int, error) {
	b.late.Reset(b.pause)
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, larder.Errorf(larder.TooLarge, "What %s sends is larger than %d bytes.", b.host, b.most)
	}
	if err != nil && err != io.EOF {
		err = &larder.Error{Kind: larder.Unavailable, Err: err, Message: fmt.Sprintf("%s broke off.", b.host)}
	}
	return n, err
}

func (b *body) Close() error {
	b.late.Stop()
	err := b.raw.Close()
	b.end()
	return err
}

// drop reads the rest of a short answer, so that its connection can be used
// again, and closes it.
func drop(res *http.Response) {
	_, err := io.CopyN(io.Discard, res.Body, 4<<10)
	_ = errors.Join(err, res.Body.Close()) // nobody wants it
}

const (
	leastWait = time.Second
	mostWait  = 10 * time.Minute
)

// retryAfter reads the header (RFC 9110, 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
