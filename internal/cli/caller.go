package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"larder.example/larder/internal/cli/credentials"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/sigv4"
)

// Caller calls the operations of one service.
type Caller struct {
	session  *Session
	service  string
	base     *url.URL
	region   string
	http     *http.Client
	attempts int
	times    operation.Times
	signer   *sigv4.Signer // nil until it is needed
	source   string        // where its keys were found
}

// Caller returns who calls a service. It fails where the AWS CLI makes a
// client: without a region, or with an address that is none.
func (s *Session) Caller(ctx context.Context, service string) (*Caller, error) {
	region, err := s.Region(ctx)
	if err != nil {
		return nil, err
	}
	base, err := s.Endpoint(service, region)
	if err != nil {
		return nil, err
	}
	c := &Caller{session: s, service: service, base: base, region: region}
	if c.times, err = s.showTime(); err != nil {
		return nil, err
	}
	if c.attempts, err = s.attempts(); err != nil {
		return nil, err
	}
	c.http = s.HTTP()
	return c, nil
}

// Call makes one call of a service's operation, by either of its names, as a
// command of ours does that prints something of its own.
func (s *Session) Call(ctx context.Context, service, name string, params *value.Object) (*value.Object, error) {
	known, found := operation.FindService(service)
	if !found {
		return nil, errorText("there is no service called %s", service)
	}
	op, err := known.Find(name)
	if err != nil {
		return nil, err
	}
	if op == nil {
		return nil, errorText("%s has no operation called %s", service, name)
	}
	c, err := s.Caller(ctx, service)
	if err != nil {
		return nil, err
	}
	out, body, err := c.Call(ctx, op, params)
	if body != nil {
		_ = body.Close() // nothing was wanted of it
	}
	return out, err
}

// attempts reads how often a request is sent at most.
func (s *Session) attempts() (int, error) {
	mode := cmp.Or(s.Getenv("AWS_RETRY_MODE"), s.configured("retry_mode"), "standard")
	if !slices.Contains([]string{"standard", "adaptive"}, mode) {
		return 0, errorText("Invalid value provided to \"mode\": \"%s\" must be one of: \"standard\" or \"adaptive\"", mode)
	}
	text := cmp.Or(s.Getenv("AWS_MAX_ATTEMPTS"), s.configured("max_attempts"))
	if text == "" {
		return 3, nil
	}
	v, ok := value.Int(text)
	if !ok {
		return 0, badInt(text)
	}
	n, _ := v.(int64)
	if n < 1 {
		return 0, errorText("Value provided to \"max_attempts\": %d must be an integer greater than or equal to one.", n)
	}
	return int(n), nil
}

// Call makes one call. Of an operation whose answer is a stream it returns the
// stream, which is the caller's to close.
func (c *Caller) Call(ctx context.Context, op *operation.Operation, params *value.Object) (*value.Object, io.ReadCloser, error) {
	if err := c.check(op, params); err != nil {
		return nil, nil, err
	}
	if err := c.prepare(ctx, op); err != nil {
		return nil, nil, err
	}
	r, hash, err := op.Encode(ctx, c.base, params)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("User-Agent", "larder/"+Version+" md/command#"+op.Service+"."+operation.Hyphenate(op.Name))
	r.Header.Set("Amz-Sdk-Invocation-Id", invocation())
	answer, err := c.send(r, hash, op)
	if err != nil {
		return nil, nil, err
	}
	out, err := op.Decode(answer, c.times)
	if err == nil && operation.Stream(op.Out) != nil {
		return out, answer.Body, nil
	}
	_ = answer.Body.Close() // it has been read
	return out, nil, err
}

// check refuses parameters that the model does.
func (c *Caller) check(op *operation.Operation, params *value.Object) error {
	faults := op.Check(params)
	if len(faults) == 0 {
		return nil
	}
	return ParamErrorf("Parameter validation failed:\n%s", strings.Join(faults, "\n"))
}

// invocation is what tells the attempts of one call from those of another.
func invocation() string {
	b := make([]byte, 16)
	rand.Read(b)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// prepare finds the credentials, once, unless nothing is to be signed.
func (c *Caller) prepare(ctx context.Context, op *operation.Operation) error {
	if c.signer != nil || op.Unsigned || c.session.Globals.Set("no-sign-request") {
		return nil
	}
	k, err := c.session.Credentials(ctx)
	if err != nil {
		return err
	}
	c.sign(k)
	return nil
}

// sign makes the caller sign with these keys.
func (c *Caller) sign(k credentials.Keys) {
	c.source = k.Source
	c.signer = &sigv4.Signer{KeyID: k.ID, Secret: k.Secret, SessionToken: k.Token, Region: c.region, Service: c.service}
	if c.service == "iam" && c.session.configuredEndpoint("iam") == "" && c.session.Globals.Text("endpoint-url") == "" {
		c.signer.Region = iamRegion(c.region)
	}
}

// send sends a request until there is no use in sending it again.
func (c *Caller) send(r *http.Request, hash string, op *operation.Operation) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		answer, err := c.sendOnce(r, hash, attempt, op)
		if err == nil && answer.StatusCode < 300 {
			return answer, nil
		}
		var failure *operation.Failure
		if err == nil {
			failure = op.Failure(answer)
			_ = answer.Body.Close() // it has been read
			err = failure
		}
		if attempt >= c.attempts && failure != nil {
			failure.Retries = attempt - 1 // said of what is not worth repeating too, as by botocore
		}
		if attempt >= c.attempts || !worthRepeating(failure, err) {
			return nil, err
		}
		if err := c.session.sleep(r.Context(), backoff(attempt)); err != nil {
			return nil, err
		}
	}
}

func (c *Caller) sendOnce(r *http.Request, hash string, attempt int, op *operation.Operation) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.GetBody != nil {
		var err error
		if r.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	r.Header.Set("Amz-Sdk-Request", fmt.Sprintf("attempt=%d; max=%d", attempt, c.attempts))
	if c.signer != nil && !op.Unsigned {
		if err := c.signer.Sign(r, hash, c.session.now()); err != nil {
			return nil, err
		}
	}
	c.session.debugRequest(r)
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, connectionError(r, err)
	}
	c.session.debugAnswer(answer)
	return answer, nil
}

// backoff is how long to wait after a number of attempts: up to twice as long
// as before, and at most 20 seconds [botocore, standard mode].
func backoff(attempt int) time.Duration {
	const longest = 20 * time.Second
	most := min(time.Second<<min(attempt-1, 10), longest)
	var b [2]byte
	rand.Read(b[:])
	return time.Duration(int64(most) * (int64(b[0])<<8 | int64(b[1])) / (1 << 16))
}

// repeatable are the codes that say that the same request may succeed later
// [botocore].
var repeatable = [...]string{
	"BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
	"ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
	"RequestTimeout", "RequestTimeoutException", "SlowDown", "ThrottledException", "Throttling", "ThrottlingException",
	"TooManyRequestsException", "TransactionInProgressException",
}

// worthRepeating reports whether the same request may succeed later: after a
// failure of the service that says so, or of the connection.
func worthRepeating(f *operation.Failure, err error) bool {
	if f == nil {
		return isConnection(err)
	}
	return f.Status == 500 || f.Status == 502 || f.Status == 503 || f.Status == 504 || slices.Contains(repeatable[:], f.Code)
}
