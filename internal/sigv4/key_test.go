package sigv4

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
)

// The example of the AWS General Reference, "Deriving the signing key".
func TestSigningKey(t *testing.T) {
	got := hex.EncodeToString(signingKey(suiteSecret, Scope{"20150830", "us-east-1", "iam"}))
	if want := "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRotatedSecretCountsAtOnce(t *testing.T) {
	v := newVerifier()
	v.Keys = func(context.Context, string, string) (string, string, error) { return testSecret, "", nil }
	older := inHeaders(t)
	older.Verifier = v
	if err := older.error(); err != nil {
		t.Fatal(err)
	}
	signer := testSigner("codeartifact")
	signer.Secret = "rotated"
	newer := &scenario{signed(t, signer, newRequest(t, "GET", testTarget), "", testTime), "codeartifact", v}
	v.Keys = func(context.Context, string, string) (string, string, error) { return "rotated", "", nil }
	if _, code, _ := refusal(older.error()); code != larder.CodeInvalidSignature {
		t.Errorf("older: got %s, want %s", code, larder.CodeInvalidSignature)
	}
	if err := newer.error(); err != nil {
		t.Errorf("newer: %v", err)
	}
	if got, want := len(v.keys.keys), 1; got != want {
		t.Errorf("got %d keys, want %d", got, want)
	}
}

func TestKeysAreDroppedWhenTheirDayIsOver(t *testing.T) {
	v := newVerifier()
	sendAt := func(at, now time.Time) {
		t.Helper()
		v.Now = clock(now)
		w := signed(t, testSigner("codeartifact"), newRequest(t, "GET", testTarget), "", at)
		if _, err := w.verify(v, "codeartifact"); err != nil {
			t.Fatal(err)
		}
	}
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name        string
		signed, now time.Time
		keys        int
	}{
		{"before midnight", midnight.Add(-time.Minute), midnight.Add(-time.Minute), 1},
		{"after midnight", midnight.Add(time.Minute), midnight.Add(time.Minute), 2},
		{"yesterday's, still in the skew", midnight.Add(-time.Minute), midnight.Add(10 * time.Minute), 2},
		{"beyond the skew", midnight.Add(20 * time.Minute), midnight.Add(20 * time.Minute), 1},
	} {
		sendAt(c.signed, c.now)
		if got := len(v.keys.keys); got != c.keys {
			t.Errorf("%s: got %d keys, want %d", c.name, got, c.keys)
		}
	}
}

func TestKeysAreBounded(t *testing.T) {
	var c keyCache
	d := &draft{hash: newDigest()}
	scope := Scope{"20261122", testRegion, "codeartifact"}
	if _, err := c.pads("first", testSecret, scope, testTime, d); err != nil {
		t.Fatal(err)
	}
	for i := range maxKeys - 1 {
		c.keys[keyName{fmt.Sprint(i), scope}] = cachedKey{}
	}
	if _, err := c.pads("last", testSecret, scope, testTime, d); err != nil {
		t.Fatal(err)
	}
	if got := len(c.keys); got != maxKeys {
		t.Errorf("got %d keys, want %d", got, maxKeys)
	}
	if _, ok := c.keys[keyName{"last", scope}]; !ok {
		t.Error("the newest key is gone")
	}
}

// Names nobody knows leave nothing behind, and share one key.
func TestUnknownKeysFillNoMemory(t *testing.T) {
	v := newVerifier()
	for i := range 10 {
		signer := testSigner("codeartifact")
		signer.KeyID = fmt.Sprintf("AKIDNOBODY%d", i)
		w := signed(t, signer, newRequest(t, "GET", testTarget), "", testTime)
		if _, err := w.verify(v, "codeartifact"); err == nil {
			t.Fatal("accepted")
		}
	}
	if got, want := len(v.keys.keys), 1; got != want {
		t.Errorf("got %d keys, want %d", got, want)
	}
}

func TestVerifierIsSafeForConcurrentUse(t *testing.T) {
	v := newVerifier()
	v.Keys = func(_ context.Context, id, _ string) (string, string, error) { return "secret of " + id, id, nil }
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 50 {
				signer := testSigner("codeartifact")
				signer.KeyID = fmt.Sprintf("AKID%d", (worker+i)%5)
				signer.Secret = "secret of " + signer.KeyID
				r := newRequest(t, "GET", fmt.Sprintf("%s&n=%d", testTarget, i))
				res, err := signed(t, signer, r, "", testTime).verify(v, "codeartifact")
				if err != nil || res.Principal != signer.KeyID {
					t.Errorf("got %q, %v, want %s", res.Principal, err, signer.KeyID)
					return
				}
			}
		})
	}
	wg.Wait()
}
