package wire

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"larder.example/larder"
)

// Client calls the operations of one service. It is safe for concurrent use.
type Client struct {
	Base     *url.URL // a path in it is a prefix of every operation's
	Protocol ClientProtocol
	HTTP     *http.Client // nil: http.DefaultClient

	// Sign authenticates a request before each time it is sent. Nil sends
	// requests as they are.
	Sign func(r *http.Request, bodyHash string) error

	// Attempts is how often a request is sent at most, if the service fails
	// or throttles it. 0: three times, as the AWS CLI does.
	Attempts int

	// Wait pauses between attempts. Nil waits for as long as it is told, or
	// until ctx is done.
	Wait func(ctx context.Context, d time.Duration) error

	shapes shapes
}

// Call makes one call. What the service answers with is a *larder.Error whose
// Err is a [*Fault]; anything else went wrong on the way.
func Call[In, Out any](ctx context.Context, c *Client, op Op[In, Out], in *In) (*Out, error) {
	out := new(Out)
	if err := c.call(ctx, Info(op), reflect.ValueOf(in).Elem(), reflect.ValueOf(out).Elem()); err != nil {
		return nil, err
	}
	return out, nil
}

func (c *Client) call(ctx context.Context, op Info, in, out reflect.Value) error {
	inShape, err := c.shapes.of(in.Type())
	if err != nil {
		return err
	}
	outShape, err := c.shapes.of(out.Type())
	if err != nil {
		return err
	}
	r, hash, err := c.Protocol.Encode(ctx, c.Base, op, inShape, in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", op.Action(), err)
	}
	answer, err := c.send(r, hash) //nolint:bodyclose // Decode closes it, or makes it a member of out
	if err != nil {
		return err
	}
	if err := c.Protocol.Decode(answer, op, outShape, out); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", op.Action(), err)
	}
	return nil
}

// send sends r until it succeeds or there is no use in sending it again.
func (c *Client) send(r *http.Request, hash string) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		answer, err := c.sendOnce(r, hash)
		if err == nil || attempt >= c.attempts(r) || !worthRepeating(err) {
			return answer, err
		}
		if err := c.wait(r.Context(), pause(attempt, err)); err != nil {
			return nil, err
		}
	}
}

func (c *Client) sendOnce(r *http.Request, hash string) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.GetBody != nil {
		var err error
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	if c.Sign != nil {
		if err := c.Sign(r, hash); err != nil {
			return nil, fmt.Errorf("sign the request: %w", err)
		}
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	defer answer.Body.Close()
	return nil, c.Protocol.Failure(answer)
}

// attempts returns how often r may be sent. A body that is read from a stream
// is gone after the first time.
func (c *Client) attempts(r *http.Request) int {
	switch {
	case r.Body != nil && r.GetBody == nil:
		return 1
	case c.Attempts > 0:
		return c.Attempts
	default:
		return 3
	}
}

func (c *Client) wait(ctx context.Context, d time.Duration) error {
	if c.Wait != nil {
		return c.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// worthRepeating reports whether the same request may succeed later. An error
// of the connection is not repeated: net/http has done so where that is safe.
func worthRepeating(err error) bool {
	return larder.Throttled.Is(err) || larder.Unavailable.Is(err) || larder.Internal.Is(err)
}

// longestPause bounds what a service can make a caller wait, as it does in the
// AWS CLI.
const longestPause = 20 * time.Second

// pause returns how long to wait after a number of attempts.
func pause(attempt int, err error) time.Duration {
	d := 100 * time.Millisecond << min(attempt, 8)
	return min(max(d, larder.AsError(err).RetryAfter), longestPause)
}
