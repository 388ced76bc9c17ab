package token_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/token"
)

var (
	now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

	user = token.Claims{
		Principal:   identity.Principal{Account: "111122223333", ID: "AIDACKCEVSQ6C2EXAMPLE"},
		DomainUID:   1<<63 + 5,
		DomainOwner: "000000000001",
		IssuedAt:    now,
		ExpiresAt:   now.Add(12 * time.Hour),
		KeyID:       "AKIAIOSFODNN7EXAMPLE",
		ID:          [8]byte{1, 2, 3, 4, 5, 6, 7, 8},
	}
	root = with(user, func(c *token.Claims) {
		c.Principal = identity.Principal{Account: "999999999999", ID: "999999999999"}
	})
	role = with(user, func(c *token.Claims) {
		c.KeyID = "ASIAIOSFODNN7EXAMPLE"
		c.Principal = identity.Principal{Account: "111122223333", ID: "AROA77777777777777777", Session: &identity.Session{
			Name:      "build-1234@example",
			IssuedAt:  now.Add(-time.Hour),
			ExpiresAt: now.Add(3 * time.Hour),
		}}
	})
	worst = with(role, func(c *token.Claims) {
		c.Principal.Session = &identity.Session{
			Name:      strings.Repeat("x", 64),
			IssuedAt:  time.Unix(math.MaxUint32, 0).UTC(),
			ExpiresAt: time.Unix(math.MaxUint32, 0).UTC(),
			Context:   [16]byte{15: 1},
		}
	})
)

func TestATokenSaysWhatWasSealed(t *testing.T) {
	v := vault(t)
	charset := regexp.MustCompile(`^lrd_[A-Za-z0-9_-]{110,236}$`)
	for _, test := range []struct {
		name   string
		claims token.Claims
		length int
	}{
		{"user", user, 122},
		{"root", root, 122},
		{"role", role, 156},
		{"the longest", worst, 239},
		{"session without a name or times", with(user, func(c *token.Claims) {
			c.Principal.Session = &identity.Session{}
		}), 132},
		{"session policies", with(role, func(c *token.Claims) {
			c.Principal.Session.Context = [16]byte{1}
		}), 178},
		{"an hour", with(user, func(c *token.Claims) { c.ExpiresAt = now.Add(time.Hour) }), 122},
		{"a second", with(user, func(c *token.Claims) { c.ExpiresAt = now.Add(time.Second) }), 122},
		{"digits at both ends", with(user, func(c *token.Claims) {
			c.Principal.ID, c.KeyID = "AIDAA234567ABCDEFGHI7", "AKIA7AAAAAAAAAAAAAA7"
		}), 122},
	} {
		t.Run(test.name, func(t *testing.T) {
			sealed := seal(t, v, test.claims)
			if len(sealed) != test.length || len(sealed) > token.MaxLen || !charset.MatchString(sealed) {
				t.Errorf("got %d characters of at most %d, want %d of a-z, A-Z, 0-9, - and _", len(sealed), token.MaxLen, test.length)
			}
			got, err := v.Open(t.Context(), sealed)
			if err != nil || !reflect.DeepEqual(got, test.claims) {
				t.Errorf("got %+v, %v, want %+v", got.Principal, err, test.claims.Principal)
			}
		})
	}
	if token.MaxLen > 240 {
		t.Errorf("MaxLen is %d, want at most 240", token.MaxLen)
	}
}

func TestFractionsOfSecondsAreDropped(t *testing.T) {
	v := vault(t)
	c := with(role, func(c *token.Claims) {
		c.IssuedAt = now.Add(time.Second - 1)
		c.ExpiresAt = now.Add(time.Hour + time.Second/2)
		c.Principal.Session.IssuedAt = now.Add(time.Second / 3).In(time.FixedZone("", 3600))
	})
	got, err := v.Open(t.Context(), seal(t, v, c))
	if err != nil {
		t.Fatal(err)
	}
	if !got.IssuedAt.Equal(now) || !got.ExpiresAt.Equal(now.Add(time.Hour)) || !got.Principal.Session.IssuedAt.Equal(now) {
		t.Errorf("got %v to %v, session of %v", got.IssuedAt, got.ExpiresAt, got.Principal.Session.IssuedAt)
	}
}

func TestWhatDoesNotFitIsNotSealed(t *testing.T) {
	v := vault(t)
	for name, change := range map[string]func(*token.Claims){
		"no account":                 func(c *token.Claims) { c.Principal.Account = "" },
		"account of eleven digits":   func(c *token.Claims) { c.Principal.Account = "11112222333" },
		"account of letters":         func(c *token.Claims) { c.Principal.Account = "11112222333a" },
		"account with a sign":        func(c *token.Claims) { c.Principal.Account = "-11112222333" },
		"no domain owner":            func(c *token.Claims) { c.DomainOwner = "" },
		"no principal":               func(c *token.Claims) { c.Principal.ID = "" },
		"root of another account":    func(c *token.Claims) { c.Principal.ID = "444455556666" },
		"group":                      func(c *token.Claims) { c.Principal.ID = "AGPACKCEVSQ6C2EXAMPLE" },
		"unique ID too short":        func(c *token.Claims) { c.Principal.ID = "AIDACKCEVSQ6C2EXAMPL" },
		"unique ID too long":         func(c *token.Claims) { c.Principal.ID = "AIDACKCEVSQ6C2EXAMPLEE" },
		"unique ID in lower case":    func(c *token.Claims) { c.Principal.ID = "AIDACKCEVSQ6C2EXAMPLe" },
		"unique ID with a 1":         func(c *token.Claims) { c.Principal.ID = "AIDACKCEVSQ6C2EXAMPL1" },
		"no key":                     func(c *token.Claims) { c.KeyID = "" },
		"key of a bearer token":      func(c *token.Claims) { c.KeyID = "ABIAIOSFODNN7EXAMPLE" },
		"key with an 8":              func(c *token.Claims) { c.KeyID = "AKIAI44QH8DHBEXAMPLE" },
		"key too long":               func(c *token.Claims) { c.KeyID = "AKIAIOSFODNN7EXAMPLEE" },
		"no ID":                      func(c *token.Claims) { c.ID = [8]byte{} },
		"no times":                   func(c *token.Claims) { c.IssuedAt, c.ExpiresAt = time.Time{}, time.Time{} },
		"not issued":                 func(c *token.Claims) { c.IssuedAt = time.Time{} },
		"no life":                    func(c *token.Claims) { c.ExpiresAt = c.IssuedAt },
		"expiry before issue":        func(c *token.Claims) { c.ExpiresAt = c.IssuedAt.Add(-time.Hour) },
		"more than twelve hours":     func(c *token.Claims) { c.ExpiresAt = c.IssuedAt.Add(12*time.Hour + time.Second) },
		"issued before 1970":         func(c *token.Claims) { c.IssuedAt = time.Unix(-5, 0); c.ExpiresAt = time.Unix(1000, 0) },
		"issued after 2106":          func(c *token.Claims) { c.IssuedAt = time.Unix(1<<32, 0); c.ExpiresAt = time.Unix(1<<32+9, 0) },
		"session name of 65 bytes":   func(c *token.Claims) { c.Principal.Session.Name = strings.Repeat("x", 65) },
		"session issued before 1970": func(c *token.Claims) { c.Principal.Session.IssuedAt = time.Unix(-1, 0) },
		"session expires after 2106": func(c *token.Claims) { c.Principal.Session.ExpiresAt = time.Unix(1<<32, 0) },
	} {
		if s, err := v.Seal(t.Context(), with(role, change)); err == nil || s != "" {
			t.Errorf("%s: got %d characters, %v, want an error", name, len(s), err)
		}
	}
}

func TestEveryChangedTokenIsRefused(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \r\n%"
	v := vault(t)
	for _, c := range []token.Claims{user, role, with(role, func(c *token.Claims) { c.Principal.Session.Name += "x" })} {
		sealed := seal(t, v, c)
		for i := range len(sealed) {
			for j := range len(alphabet) {
				if alphabet[j] != sealed[i] {
					refused(t, v, sealed[:i]+alphabet[j:j+1]+sealed[i+1:])
				}
			}
			refused(t, v, sealed[:i])
			refused(t, v, sealed[i+1:])
			refused(t, v, sealed[:i]+sealed[i+1:])
			refused(t, v, sealed[:i]+"\n"+sealed[i:])
			refused(t, v, sealed[:i]+"A"+sealed[i:])
		}
		for _, more := range []string{"A", "=", "==", "AAAA", "\n", " ", strings.Repeat("A", 400), sealed} {
			refused(t, v, sealed+more)
		}
	}
}

// A checksum is no secret: what is behind it must hold as well.
func TestEveryChangedByteIsRefusedBehindACorrectChecksum(t *testing.T) {
	v := vault(t)
	sealed := seal(t, v, role)
	b, err := base64.RawURLEncoding.DecodeString(sealed[4:])
	if err != nil {
		t.Fatal(err)
	}
	b = b[:len(b)-4]
	forge := func(b []byte) string {
		sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b))
		return "lrd_" + base64.RawURLEncoding.EncodeToString(append(b[:len(b):len(b)], sum...))
	}
	if forge(b) != sealed {
		t.Fatal("the checksum is not over all that is before it")
	}
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			refused(t, v, forge(b))
			b[i] ^= 1 << bit
		}
		refused(t, v, forge(b[:i]))
	}
	refused(t, v, forge(append(b, 0)))
}

func TestATokenOpensNowhereElse(t *testing.T) {
	ring := ringOf(t, keyring.Config{Dir: t.TempDir(), Value: master})
	here := &token.Vault{Keys: ring, Region: "us-east-1", Now: clock(now)}
	sealed := seal(t, here, user)
	body := []byte("x")
	for name, v := range map[string]*token.Vault{
		"other region":                      {Keys: ring, Region: "us-east-2", Now: clock(now)},
		"no region":                         {Keys: ring, Now: clock(now)},
		"other instance of the same master": {Keys: ringOf(t, keyring.Config{Dir: t.TempDir(), Value: master}), Region: "us-east-1", Now: clock(now)},
		"other master":                      {Keys: ringOf(t, keyring.Config{Dir: t.TempDir()}), Region: "us-east-1", Now: clock(now)},
	} {
		if _, err := v.Open(t.Context(), sealed); !larder.Unauthenticated.Is(err) {
			t.Errorf("%s: got %v, want Unauthenticated", name, err)
		}
	}
	// Sealed by the same ring, but for something else.
	for _, p := range []keyring.Purpose{keyring.SessionToken, keyring.Marker} {
		b := ring.Seal(nil, p, "us-east-1", body)
		refused(t, here, "lrd_"+ring.SealString(p, "us-east-1", body))
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
		refused(t, here, "lrd_"+base64.RawURLEncoding.EncodeToString(b))
	}
	// And a token is nothing else.
	for _, p := range []keyring.Purpose{keyring.SessionToken, keyring.Marker} {
		if _, err := ring.UnsealString(now, p, "us-east-1", sealed[4:]); err == nil {
			t.Errorf("a token opens for purpose %d", p)
		}
	}
}

func TestATokenOpensBetweenItsTimes(t *testing.T) {
	v := vault(t)
	sealed := seal(t, v, with(user, func(c *token.Claims) { c.ExpiresAt = now.Add(time.Hour) }))
	for _, test := range []struct {
		at            time.Duration
		message, code string
	}{
		{0, "", ""},
		{time.Hour - 1, "", ""},
		{time.Hour, "The token has expired.", larder.CodeExpiredToken},
		{10 * time.Hour, "The token has expired.", larder.CodeExpiredToken},
		{-15 * time.Minute, "", ""}, // the clock of the node that sealed it is ahead
		{-15*time.Minute - 1, "The token is not valid yet.", ""},
	} {
		v.Now = clock(now.Add(test.at))
		_, err := v.Open(t.Context(), sealed)
		var e *larder.Error
		if errors.As(err, &e); test.message == "" {
			if err != nil {
				t.Errorf("after %v: got %v", test.at, err)
			}
		} else if e == nil || e.Kind != larder.Unauthenticated || e.Message != test.message || e.Code != test.code {
			t.Errorf("after %v: got %v, want Unauthenticated %s %q", test.at, err, test.code, test.message)
		}
	}
}

func TestRotationKeepsTokensForAsLongAsTheyMayLive(t *testing.T) {
	ring := ringOf(t, keyring.Config{Dir: t.TempDir()})
	v := &token.Vault{Keys: ring, Region: "us-east-1", Now: clock(now)}
	sealed := seal(t, v, user)
	rotated := now.Add(time.Second)
	if err := ring.Rotate(rotated); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		at      time.Time
		message string
	}{
		{rotated, ""},
		{user.ExpiresAt.Add(-1), ""},
		{user.ExpiresAt, "The token has expired."},
		{rotated.Add(12*time.Hour + 15*time.Minute), "The token has expired."},
		// The key is gone: nothing can tell any more what the token was.
		{rotated.Add(12*time.Hour + 15*time.Minute + 1), "The token is not one of this registry, or it expired long ago."},
	} {
		v.Now = clock(test.at)
		_, err := v.Open(t.Context(), sealed)
		got := ""
		if err != nil {
			got = larder.AsError(err).Message
		}
		if got != test.message {
			t.Errorf("%v after the rotation: got %q, want %q", test.at.Sub(rotated), got, test.message)
		}
	}
	v.Now = clock(now)
	if err := ring.Replace(now); err != nil {
		t.Fatal(err)
	}
	refused(t, v, sealed)
}

// A node that may not know the newest keys yet cannot say that a token is
// nobody's.
func TestATokenIsNotRefusedByWhoIsBehind(t *testing.T) {
	behind, other := ringOf(t, keyring.Config{Dir: t.TempDir()}), vault(t)
	behind.Behind = func() error { return larder.Errorf(larder.Unavailable, "behind") }
	v := &token.Vault{Keys: behind, Region: "us-east-1", Now: clock(now)}
	if _, err := v.Open(t.Context(), seal(t, other, user)); !larder.Unavailable.Is(err) {
		t.Errorf("got %v, want Unavailable", err)
	}
	if _, err := v.Open(t.Context(), seal(t, v, user)); err != nil {
		t.Errorf("what it knows: %v", err)
	}
	refused(t, v, "lrd_"+strings.Repeat("A", 120)) // is no token of anybody's
}

func TestErrorsNeverHaveTheToken(t *testing.T) {
	v := vault(t)
	for _, s := range []string{"", "lrd_", "secret-password", "lrd_secretsecretsecret", "Bearer lrd_x", seal(t, v, user) + "x"} {
		_, err := v.Open(t.Context(), s)
		if !larder.Unauthenticated.Is(err) {
			t.Errorf("got %v, want Unauthenticated", err)
		}
		if len(s) > 5 && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, larder.AsError(err)), s) {
			t.Errorf("the error has the token in it: %v", err)
		}
	}
}

func TestAuditIDs(t *testing.T) {
	form := regexp.MustCompile(`^ABIA[A-Z2-7]{16}$`)
	seen := make(map[string]bool)
	for range 100 {
		c := token.Claims{ID: token.NewID()}
		audit := c.AuditID()
		if !form.MatchString(audit) || seen[audit] || c.String() != audit {
			t.Fatalf("AuditID = %q, String = %q", audit, c)
		}
		seen[audit] = true
		if id, ok := token.ParseAuditID(audit); id != c.ID || !ok {
			t.Errorf("ParseAuditID(%q) = %x, %v, want %x", audit, id, ok, c.ID)
		}
		for i := range audit {
			for _, change := range []string{"A", "7", "1", ""} {
				changed := audit[:i] + change + audit[i+1:]
				if id, ok := token.ParseAuditID(changed); ok && changed != audit && id == c.ID {
					t.Errorf("ParseAuditID(%q) = %x as of %q", changed, id, audit)
				}
			}
		}
	}
	if got, want := user.AuditID(), "ABIAAEBAGBAFAYDQQP6K"; got != want {
		t.Errorf("AuditID = %q, want %q", got, want)
	}
}

func TestRedact(t *testing.T) {
	sealed := seal(t, vault(t), role)
	for text, want := range map[string]string{
		"":                                       "",
		"nothing to hide":                        "nothing to hide",
		sealed:                                   "lrd_...",
		"https://aws:" + sealed + "@host/pypi/":  "https://aws:lrd_...@host/pypi/",
		sealed + " and " + sealed + ".":          "lrd_... and lrd_....",
		"cut off: " + sealed[:30]:                "cut off: lrd_...",
		"lrd_":                                   "lrd_...",
		"of a session: lrs_abc-_1 and " + sealed: "of a session: lrs_... and lrd_...",
	} {
		if got := token.Redact(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	v := vault(f)
	other := vault(f)
	for _, c := range []token.Claims{user, root, role, worst} {
		f.Add(seal(f, other, c))
	}
	f.Add("lrd_")
	f.Add("lrd_" + strings.Repeat("A", 110))
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := v.Open(t.Context(), s); !larder.Unauthenticated.Is(err) || !reflect.DeepEqual(c, token.Claims{}) {
			t.Errorf("%q: got %v, %v, want Unauthenticated", s, c, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	v := vault(b)
	for name, c := range map[string]token.Claims{"user": user, "role": role} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Seal(context.Background(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	v := vault(b)
	for name, c := range map[string]token.Claims{"user": user, "role": role} {
		sealed := seal(b, v, c)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Open(context.Background(), sealed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// with returns a changed copy of c, which shares no session with it.
func with(c token.Claims, change func(*token.Claims)) token.Claims {
	if c.Principal.Session != nil {
		s := *c.Principal.Session
		c.Principal.Session = &s
	}
	change(&c)
	return c
}

func vault(t testing.TB) *token.Vault {
	return &token.Vault{Keys: ringOf(t, keyring.Config{Dir: t.TempDir()}), Region: "us-east-1", Now: clock(now)}
}

const master = "bWFzdGVyIG9mIHB1cHBldHMgYW5kIG9mIHRva2Vucy4="

func ringOf(t testing.TB, c keyring.Config) *keyring.Ring {
	t.Helper()
	r, err := keyring.Open(c, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func clock(t time.Time) func() time.Time { return func() time.Time { return t } }

func seal(t testing.TB, v *token.Vault, c token.Claims) string {
	t.Helper()
	s, err := v.Seal(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refused(t *testing.T, v *token.Vault, s string) {
	t.Helper()
	if c, err := v.Open(t.Context(), s); !larder.Unauthenticated.Is(err) {
		t.Errorf("%q opens as %v, %v", s, c, err)
	}
}
