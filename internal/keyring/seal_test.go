package keyring_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

var purposes = []keyring.Purpose{keyring.Bearer, keyring.SessionToken, keyring.Marker}

func TestWhatIsSealedOpens(t *testing.T) {
	r := open(t, keyring.Config{Dir: t.TempDir()})
	for _, p := range purposes {
		for _, text := range []string{"", "x", strings.Repeat("long ", 1000)} {
			sealed := r.SealString(p, "aad", []byte(text))
			if got, err := r.UnsealString(start, p, "aad", sealed); string(got) != text || err != nil {
				t.Errorf("purpose %d: got %q, %v, want %q", p, got, err, text)
			}
			if got, want := len(sealed), base64.RawURLEncoding.EncodedLen(len(text)+keyring.Overhead); got != want {
				t.Errorf("sealing %d bytes takes %d characters, want %d", len(text), got, want)
			}
			if again := r.SealString(p, "aad", []byte(text)); again == sealed {
				t.Error("sealing twice gives the same")
			}
		}
	}
	head := []byte("head")
	if got := r.Seal(head, keyring.Bearer, "", []byte("x")); !bytes.HasPrefix(got, head) {
		t.Errorf("Seal returned %q, which does not begin with what it was to append to", got)
	}
}

func TestWhatIsSealedOpensForNothingElse(t *testing.T) {
	dir := t.TempDir()
	r := open(t, keyring.Config{Dir: dir, Value: master('m')})
	other := open(t, keyring.Config{Dir: t.TempDir(), Value: master('m')})
	for _, p := range purposes {
		sealed := r.SealString(p, "ListDomains", []byte("after"))
		for _, q := range purposes {
			if _, err := r.UnsealString(start, q, "ListDomains", sealed); (err == nil) != (p == q) {
				t.Errorf("sealed for %d, opened for %d: %v", p, q, err)
			}
		}
		for name, open := range map[string]func() ([]byte, error){
			"other aad":         func() ([]byte, error) { return r.UnsealString(start, p, "ListPackages", sealed) },
			"no aad":            func() ([]byte, error) { return r.UnsealString(start, p, "", sealed) },
			"other instance":    func() ([]byte, error) { return other.UnsealString(start, p, "ListDomains", sealed) },
			"nothing":           func() ([]byte, error) { return r.UnsealString(start, p, "ListDomains", "") },
			"nothing but a kid": func() ([]byte, error) { return r.Unseal(start, p, "ListDomains", []byte{1, 1}) },
		} {
			if got, err := open(); !larder.Invalid.Is(err) || got != nil {
				t.Errorf("%s: got %q, %v, want Invalid", name, got, err)
			}
		}
	}
}

func TestEveryChangedCharacterIsRefused(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \n"
	r := open(t, keyring.Config{Dir: t.TempDir()})
	for n := range 3 { // every number of bits that the last character leaves unused
		sealed := r.SealString(keyring.Marker, "", make([]byte, n))
		for i := range len(sealed) {
			for _, c := range []byte(alphabet) {
				if c == sealed[i] {
					continue
				}
				changed := sealed[:i] + string(c) + sealed[i+1:]
				if _, err := r.UnsealString(start, keyring.Marker, "", changed); err == nil {
					t.Errorf("%q opens as %q does", changed, sealed)
				}
			}
			for _, changed := range []string{sealed[:i], sealed[i+1:], sealed[:i] + "\n" + sealed[i:], sealed + alphabet[i%len(alphabet):][:1]} {
				if _, err := r.UnsealString(start, keyring.Marker, "", changed); err == nil {
					t.Errorf("%q opens as %q does", changed, sealed)
				}
			}
		}
	}
}

func TestGenerationsOutliveTheirTimeByWhatTheySealed(t *testing.T) {
	const skew = 15 * time.Minute
	for p, lives := range map[keyring.Purpose]time.Duration{
		keyring.Bearer:       12 * time.Hour,
		keyring.SessionToken: 36 * time.Hour,
		keyring.Marker:       12 * time.Hour,
	} {
		c := keyring.Config{Dir: t.TempDir()}
		r := open(t, c)
		sealed := r.SealString(p, "", nil)
		opens := func(after time.Duration, want bool) {
			t.Helper()
			for name, r := range map[string]*keyring.Ring{"it": r, "it after reopening": open(t, c)} {
				if _, err := r.UnsealString(start.Add(after), p, "", sealed); (err == nil) != want {
					t.Errorf("purpose %d: %v after sealing %s: %v, want open %v", p, after, name, err, want)
				}
			}
		}
		opens(1000*time.Hour, true) // for as long as the generation is active

		const day = 24 * time.Hour
		if err := r.Rotate(start.Add(day)); err != nil {
			t.Fatal(err)
		}
		opens(day, true)
		opens(day+lives+skew, true)
		opens(day+lives+skew+1, false)

		// Later rotations do not prolong it.
		if err := r.Rotate(start.Add(2 * day)); err != nil {
			t.Fatal(err)
		}
		opens(day+lives+skew, true)
		opens(day+lives+skew+1, false)
		if err := r.Rotate(start.Add(10 * day)); err != nil {
			t.Fatal(err)
		}
		opens(0, false)
	}
}

func TestReplaceVoidsAllThatWasSealed(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir()}
	r := open(t, c)
	before := r.SealString(keyring.Bearer, "", nil)
	if err := r.Rotate(start); err != nil {
		t.Fatal(err)
	}
	later := r.SealString(keyring.Bearer, "", nil)
	if err := r.Replace(start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*keyring.Ring{r, open(t, c)} {
		for _, sealed := range []string{before, later} {
			if _, err := r.UnsealString(start, keyring.Bearer, "", sealed); err == nil {
				t.Error("what was sealed before opens")
			}
		}
		if got, want := r.Since(), start.Add(time.Minute); !got.Equal(want) {
			t.Errorf("Since = %v, want %v", got, want)
		}
		if _, err := r.UnsealString(start, keyring.Bearer, "", r.SealString(keyring.Bearer, "", nil)); err != nil {
			t.Error(err)
		}
	}
}

func TestAKeyIDComesAgainOnlyWhenItIsForgotten(t *testing.T) {
	r := open(t, keyring.Config{Dir: t.TempDir()})
	now := start
	sealed := func() []byte { return r.Seal(nil, keyring.Marker, "", nil) }
	first, last := sealed(), make(map[byte]time.Time)
	for range 256 + 10 {
		last[sealed()[1]] = now
		now = now.Add(time.Hour)
		if err := r.Rotate(now); err != nil {
			t.Fatal(err)
		}
		kid := sealed()[1]
		if at, ok := last[kid]; ok && now.Sub(at) < 36*time.Hour {
			t.Fatalf("key id %d came again after %v", kid, now.Sub(at))
		}
		if kid == first[1] {
			if _, err := r.Unseal(now, keyring.Marker, "", first); err == nil {
				t.Error("a key id that came again has the keys of before")
			}
		}
	}
	if len(last) != 256 {
		t.Errorf("%d key ids were used, want all 256", len(last))
	}

	var err error
	for range 256 {
		if err = r.Rotate(now); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("more rotations at one time than there are key ids succeeded")
	}
	if _, err := r.Unseal(now, keyring.Marker, "", sealed()); err != nil {
		t.Errorf("after a refused rotation: %v", err)
	}
	if err := r.Rotate(now.Add(40 * time.Hour)); err != nil {
		t.Errorf("after a pause: %v", err)
	}
}

func TestRotationDisturbsNobody(t *testing.T) {
	r := open(t, keyring.Config{Dir: t.TempDir()})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 500 {
				sealed := r.SealString(keyring.Bearer, "", []byte("x"))
				if _, err := r.UnsealString(start, keyring.Bearer, "", sealed); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 2 {
		all.Go(func() {
			for range 20 {
				if err := r.Rotate(start); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestDerivedValuesStay(t *testing.T) {
	c := keyring.Config{Dir: t.TempDir(), Value: master('m')}
	r := open(t, c)
	secret := r.Derive(keyring.SessionSecret, "ASIA")
	if err := r.Rotate(start); err != nil {
		t.Fatal(err)
	}
	if got := r.Derive(keyring.SessionSecret, "ASIA"); got != secret {
		t.Error("rotation changed a derived value")
	}
	if got := open(t, c).Derive(keyring.SessionSecret, "ASIA"); got != secret {
		t.Error("reopening changed a derived value")
	}
	if r.Derive(keyring.SessionSecret, "ASIB") == secret || r.Derive(keyring.PolicyRevision, "ASIA") == secret {
		t.Error("another id or purpose has the same value")
	}
}

func FuzzUnseal(f *testing.F) {
	r := open(f, keyring.Config{Dir: f.TempDir(), Value: master('m')})
	f.Add(r.SealString(keyring.Marker, "", []byte("after")))
	f.Add("")
	f.Add(strings.Repeat("A", 40))
	f.Fuzz(func(t *testing.T, sealed string) {
		if _, err := r.UnsealString(start, keyring.Marker, "another", sealed); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %v, want Invalid", sealed, err)
		}
		if b, ok := keyring.Decode(sealed); ok && base64.RawURLEncoding.EncodeToString(b) != sealed {
			t.Errorf("%q is a second spelling of %q", sealed, base64.RawURLEncoding.EncodeToString(b))
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	r := open(b, keyring.Config{Dir: b.TempDir()})
	plain := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		r.Seal(nil, keyring.Bearer, "us-east-1", plain)
	}
}

func BenchmarkUnseal(b *testing.B) {
	r := open(b, keyring.Config{Dir: b.TempDir()})
	sealed := r.Seal(nil, keyring.Bearer, "us-east-1", make([]byte, 64))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Unseal(start, keyring.Bearer, "us-east-1", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
