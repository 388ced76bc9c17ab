package sigv4

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// tokenRequest is GetAuthorizationToken as the AWS CLI sends it.
func tokenRequest(b testing.TB, token string) (*Verifier[string], *http.Request) {
	at := time.Date(2026, 11, 22, 2, 48, 15, 0, time.UTC)
	r := newRequest(b, "POST", "http://127.0.0.1:18181/v1/authorization-token?domain=my-domain&domain-owner=111122223333&duration=900")
	s := Signer{KeyID: "AKIAIOSFODNN7EXAMPLE", Secret: suiteSecret, SessionToken: token, Region: "us-east-1", Service: "codeartifact"}
	w := signed(b, s, r, "", at).
		add("Accept-Encoding", "identity").
		add("User-Agent", "aws-cli/2.36.7 md/awscrt#0.31.2 ua/2.1 os/linux md/command#codeartifact.get-authorization-token").
		add("Amz-Sdk-Invocation-Id", "2a5b6c27-0f0e-4c3a-9b0e-7a4a7f2d9b11").
		add("Amz-Sdk-Request", "attempt=1").
		add("Content-Length", "0")
	// Not oneKey: its answer must cost nothing here.
	keys := func(context.Context, string, string) (string, string, error) { return suiteSecret, "", nil }
	return &Verifier[string]{Region: "us-east-1", Now: clock(at), Keys: keys}, w.request()
}

// The same work is to be done for a key that nobody has.
func BenchmarkVerifyUnknownKey(b *testing.B) {
	v, r := tokenRequest(b, "")
	v.Keys = oneKey("AKIDOTHER", suiteSecret, "")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, "codeartifact", nil); err == nil {
			b.Fatal("accepted")
		}
	}
}

func benchmarkVerify(b *testing.B, token string, each func(*Verifier[string])) {
	v, r := tokenRequest(b, token)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, "codeartifact", nil); err != nil {
			b.Fatal(err)
		}
		each(v)
	}
}

// sessionToken has the length of those that AWS STS hands out.
const sessionToken = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI" +
	"/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz"

// Target: 2.5 µs and 8 allocations.
func BenchmarkVerify(b *testing.B) {
	benchmarkVerify(b, "", func(*Verifier[string]) {})
}

func BenchmarkVerifySession(b *testing.B) {
	benchmarkVerify(b, sessionToken, func(*Verifier[string]) {})
}

func BenchmarkVerifyWithoutCachedKey(b *testing.B) {
	benchmarkVerify(b, "", func(v *Verifier[string]) { clear(v.keys.keys) })
}

func BenchmarkVerifyParallel(b *testing.B) {
	v, r := tokenRequest(b, "")
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := v.Verify(r, "codeartifact", nil); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func TestVerifyAllocatesLittle(t *testing.T) {
	v, r := tokenRequest(t, sessionToken)
	verify := func() {
		if _, err := v.Verify(r, "codeartifact", nil); err != nil {
			t.Fatal(err)
		}
	}
	// The least of many: the race detector drops pooled drafts at random.
	least := testing.AllocsPerRun(1, verify)
	for range 100 {
		least = min(least, testing.AllocsPerRun(1, verify))
	}
	if least > 1 { // the query
		t.Errorf("got %v allocations, want 1", least)
	}
}
