package webidentity_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"larder.example/larder"
	"larder.example/larder/internal/webidentity"
)

const issuerURL = "https://issuer.test"

var begin = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// issuer is a provider, and the network on which it is.
type issuer struct {
	t         testing.TB
	keys      map[string]crypto.Signer
	documents map[string]string // what is at which address
	maxAge    time.Duration
	down      error

	fetches  atomic.Int32
	now      time.Time
	verifier webidentity.Verifier
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	i := &issuer{t: t, keys: map[string]crypto.Signer{"ec": ecKey(t), "rsa": strong()}, now: begin}
	i.documents = map[string]string{
		issuerURL + "/.well-known/openid-configuration": `{"issuer":"` + issuerURL + `","jwks_uri":"` + issuerURL + `/keys"}`,
	}
	i.publish("ec", "rsa")
	i.verifier = webidentity.Verifier{Fetch: i.fetch, Now: func() time.Time { return i.now }}
	return i
}

func ecKey(t testing.TB) crypto.Signer {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func rsaKey(bits int) crypto.Signer {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err) // what the tests ask for can be made
	}
	return k
}

// strong is one key for all providers: making it takes long.
var strong = sync.OnceValue(func() crypto.Signer { return rsaKey(2048) })

func (i *issuer) fetch(_ context.Context, url string) (webidentity.Document, error) {
	i.fetches.Add(1)
	if i.down != nil {
		return webidentity.Document{}, i.down
	}
	text, ok := i.documents[url]
	if !ok {
		return webidentity.Document{}, larder.Errorf(larder.NotFound, "nothing at %s", url)
	}
	return webidentity.Document{Body: []byte(text), MaxAge: i.maxAge}, nil
}

// publish makes these the provider's keys.
func (i *issuer) publish(kids ...string) {
	i.t.Helper()
	var set jose.JSONWebKeySet
	for _, kid := range kids {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: i.keys[kid].Public(), KeyID: kid, Use: "sig"})
	}
	text, err := json.Marshal(set)
	if err != nil {
		i.t.Fatal(err)
	}
	i.documents[issuerURL+"/keys"] = string(text)
}

func (i *issuer) claims() map[string]any {
	return map[string]any{
		"iss": issuerURL, "sub": "repo:acme/web:ref:refs/heads/main", "aud": "sts.amazonaws.com",
		"iat": i.now.Unix(), "exp": i.now.Add(10 * time.Minute).Unix(), "repository": "acme/web", "run_attempt": 3, "protected": true,
	}
}

func (i *issuer) with(change map[string]any) map[string]any {
	c := i.claims()
	maps.Copy(c, change)
	return c
}

// sign returns a token with a header of the signer's own making.
func sign(t testing.TB, algorithm jose.SignatureAlgorithm, key any, header map[string]any, claims map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{}}
	for k, v := range header {
		options.ExtraHeaders[jose.HeaderKey(k)] = v
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (i *issuer) token(kid string, claims map[string]any) string {
	i.t.Helper()
	algorithm := jose.ES256
	if _, ok := i.keys[kid].(*rsa.PrivateKey); ok {
		algorithm = jose.RS256
	}
	return sign(i.t, algorithm, i.keys[kid], map[string]any{"kid": kid}, claims)
}

func (i *issuer) verify(token string) (webidentity.Claims, error) {
	return i.verifier.Verify(i.t.Context(), webidentity.Provider{URL: issuerURL, Audiences: []string{"sts.amazonaws.com", "other"}}, token)
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return larder.AsError(err).Code
}

func TestATokenOfTheProviderSaysWho(t *testing.T) {
	i := newIssuer(t)
	for _, kid := range []string{"ec", "rsa"} {
		token := i.token(kid, i.with(map[string]any{
			"https://aws.amazon.com/tags": map[string]any{
				"principal_tags": map[string]any{"team": []string{"web"}}, "transitive_tag_keys": []string{"team"},
			},
			"https://aws.amazon.com/source_identity": "dana",
			"nested":                                 map[string]any{"a": 1},
		}))
		if got, err := webidentity.Issuer(token); err != nil || got != issuerURL {
			t.Errorf("got issuer %q, %v", got, err)
		}
		c, err := i.verify(token)
		if err != nil {
			t.Fatal(err)
		}
		if c.Subject != "repo:acme/web:ref:refs/heads/main" || c.SourceIdentity != "dana" || !slices.Equal(c.Tags.Values["team"], []string{"web"}) || !slices.Equal(c.Tags.Transitive, []string{"team"}) {
			t.Errorf("got %+v", c)
		}
		for name, want := range map[string]string{
			"sub": c.Subject, "aud": "sts.amazonaws.com", "repository": "acme/web", "run_attempt": "3", "protected": "true",
		} {
			if got := c.Keys[name]; !slices.Equal(got, []string{want}) {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		for _, none := range []string{"nested", "https://aws.amazon.com/tags", "oaud"} {
			if got, ok := c.Keys[none]; ok {
				t.Errorf("%s: got %q", none, got)
			}
		}
	}
}

func TestAnAuthorizedPartyStandsForTheAudience(t *testing.T) {
	i := newIssuer(t)
	c, err := i.verify(i.token("ec", i.with(map[string]any{"aud": []string{"a", "b"}, "azp": "other"})))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Audience(), []string{"other"}) || !slices.Equal(c.Keys["aud"], []string{"other"}) || !slices.Equal(c.Keys["oaud"], []string{"a", "b"}) {
		t.Errorf("got %+v", c)
	}
}

// The threat table: JWT alg/kid/jku confusion.
func TestThreatJWTConfusion(t *testing.T) {
	i := newIssuer(t)
	stranger := ecKey(t)
	good := i.token("ec", i.claims())
	parts := strings.Split(good, ".")
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	public, err := x509.MarshalPKIXPublicKey(i.keys["rsa"].Public())
	if err != nil {
		t.Fatal(err)
	}
	own := jose.JSONWebKey{Key: stranger.Public(), KeyID: "ec"}
	for name, token := range map[string]string{
		"no algorithm":                  header(`{"alg":"none"}`) + "." + parts[1] + ".",
		"no algorithm, a signature":     header(`{"alg":"none","kid":"ec"}`) + "." + parts[1] + "." + parts[2],
		"the public key as a secret":    sign(t, jose.HS256, public, map[string]any{"kid": "rsa"}, i.claims()),
		"PSS in the place of PKCS #1":   sign(t, jose.PS256, i.keys["rsa"], map[string]any{"kid": "rsa"}, i.claims()),
		"a stranger's key":              sign(t, jose.ES256, stranger, map[string]any{"kid": "ec"}, i.claims()),
		"a stranger's key in it":        sign(t, jose.ES256, stranger, map[string]any{"kid": "ec", "jwk": own}, i.claims()),
		"a stranger's key behind jku":   sign(t, jose.ES256, stranger, map[string]any{"kid": "mine", "jku": "https://evil.test/keys"}, i.claims()),
		"a stranger's key behind x5u":   sign(t, jose.ES256, stranger, map[string]any{"kid": "ec", "x5u": "https://evil.test/chain"}, i.claims()),
		"something critical":            sign(t, jose.ES256, i.keys["ec"], map[string]any{"kid": "ec", "crit": []string{"exp"}, "exp": 1}, i.claims()),
		"another key's id":              sign(t, jose.ES256, i.keys["ec"], map[string]any{"kid": "rsa"}, i.claims()),
		"another header":                header(`{"alg":"ES256","kid":"ec","typ":"x"}`) + "." + parts[1] + "." + parts[2],
		"other claims":                  parts[0] + "." + header(`{"iss":"`+issuerURL+`","sub":"root"}`) + "." + parts[2],
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"a token in a token":            sign(t, jose.ES256, i.keys["ec"], map[string]any{"kid": "ec", "cty": "JWT"}, map[string]any{"jwt": good}),
		"a token of the JSON form":      `{"payload":"` + parts[1] + `","signatures":[{"protected":"` + parts[0] + `","signature":"` + parts[2] + `"}]}`,
		"an encrypted token's form":     good + ".a.b",
		"nothing":                       "",
		"another issuer's name":         i.token("ec", i.with(map[string]any{"iss": "https://evil.test"})),
		"another audience":              i.token("ec", i.with(map[string]any{"aud": "someone"})),
		"no audience":                   i.token("ec", i.with(map[string]any{"aud": nil})),
		"no subject":                    i.token("ec", i.with(map[string]any{"sub": ""})),
		"no end":                        i.token("ec", i.with(map[string]any{"exp": nil})),
		"an end beyond all time":        i.token("ec", i.with(map[string]any{"exp": 1e300})),
		"a beginning in the future":     i.token("ec", i.with(map[string]any{"nbf": begin.Add(6 * time.Minute).Unix()})),
		"an issue in the future":        i.token("ec", i.with(map[string]any{"iat": begin.Add(6 * time.Minute).Unix()})),
		"claims that are no object":     sign(t, jose.ES256, i.keys["ec"], map[string]any{"kid": "ec"}, nil),
		"an end that is not a number":   i.token("ec", i.with(map[string]any{"exp": []int{1}})),
		"a subject that is not a text":  i.token("ec", i.with(map[string]any{"sub": 7})),
		"an algorithm in another spell": header(`{"alg":"es256","kid":"ec"}`) + "." + parts[1] + "." + parts[2],
	} {
		if c, err := i.verify(token); codeOf(err) != webidentity.CodeInvalid {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
	if _, err := i.verify(good); err != nil {
		t.Errorf("the token itself: %v", err)
	}
	if _, err := i.verify(i.token("ec", i.with(map[string]any{"exp": begin.Add(-6 * time.Minute).Unix()}))); codeOf(err) != webidentity.CodeExpired {
		t.Errorf("expired: got %v", err)
	}
	if _, err := i.verify(i.token("ec", i.with(map[string]any{"exp": begin.Add(-4 * time.Minute).Unix()}))); err != nil {
		t.Errorf("expired within the leeway: got %v", err)
	}
}

// The threat table: denial of service by forged key IDs.
func TestThreatForgedKeyIDsDoNotMakeUsFetch(t *testing.T) {
	i := newIssuer(t)
	if _, err := i.verify(i.token("ec", i.claims())); err != nil {
		t.Fatal(err)
	}
	before := i.fetches.Load()
	i.now = i.now.Add(2 * time.Minute)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := i.verify(sign(t, jose.ES256, i.keys["ec"], map[string]any{"kid": rand.Text()}, i.claims())); codeOf(err) != webidentity.CodeInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
	if got := i.fetches.Load() - before; got != 2 { // the discovery document and the keys, once
		t.Errorf("got %d documents fetched, want 2", got)
	}
}

func TestKeysAreKeptAndRotate(t *testing.T) {
	i := newIssuer(t)
	i.maxAge = 2 * time.Hour
	token := func() string { return i.token("ec", i.claims()) }
	check := func(when string, err error, fetched int32) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
		if got := i.fetches.Swap(0); got != fetched {
			t.Errorf("%s: got %d documents fetched, want %d", when, got, fetched)
		}
	}
	_, err := i.verify(token())
	check("first", err, 2)
	i.now = begin.Add(119 * time.Minute)
	_, err = i.verify(token())
	check("within max-age", err, 0)
	i.now = begin.Add(2 * time.Hour)
	_, err = i.verify(token())
	check("after max-age", err, 2)

	i.keys["new"] = ecKey(t)
	i.publish("new")
	i.now = i.now.Add(time.Minute)
	_, err = i.verify(i.token("new", i.claims()))
	check("a new key", err, 2)
	if _, err := i.verify(token()); codeOf(err) != webidentity.CodeInvalid {
		t.Errorf("a key that was withdrawn: got %v", err)
	}
}

func TestKeysOutliveTheirProviderForADay(t *testing.T) {
	i := newIssuer(t)
	if _, err := i.verify(i.token("ec", i.claims())); err != nil {
		t.Fatal(err)
	}
	i.down = errors.New("no route")
	i.now = begin.Add(25*time.Hour - time.Second)
	if _, err := i.verify(i.token("ec", i.claims())); err != nil {
		t.Errorf("an hour and a day: %v", err)
	}
	i.now = begin.Add(25 * time.Hour)
	if _, err := i.verify(i.token("ec", i.claims())); codeOf(err) != webidentity.CodeUnreachable {
		t.Errorf("longer: got %v", err)
	}
	i.down = nil
	i.now = i.now.Add(10 * time.Second)
	if _, err := i.verify(i.token("ec", i.claims())); err != nil {
		t.Errorf("there again: %v", err)
	}
}

func TestAProviderThatCannotBeTrustedForItsKeys(t *testing.T) {
	discovery := issuerURL + "/.well-known/openid-configuration"
	for name, spoil := range map[string]func(*issuer){
		"is down": func(i *issuer) { i.down = larder.Errorf(larder.Denied, "that is not public") },
		"describes another": func(i *issuer) {
			i.documents[discovery] = `{"issuer":"https://evil.test","jwks_uri":"` + issuerURL + `/keys"}`
		},
		"has its keys in the clear": func(i *issuer) {
			i.documents[discovery] = `{"issuer":"` + issuerURL + `","jwks_uri":"http://issuer.test/keys"}`
		},
		"has its keys in a file": func(i *issuer) {
			i.documents[discovery] = `{"issuer":"` + issuerURL + `","jwks_uri":"file:///etc/passwd"}`
		},
		"has its keys at user info": func(i *issuer) {
			i.documents[discovery] = `{"issuer":"` + issuerURL + `","jwks_uri":"https://a@issuer.test/keys"}`
		},
		"has no keys":                   func(i *issuer) { i.documents[issuerURL+"/keys"] = `{"keys":[]}` },
		"has keys of another sort only": func(i *issuer) { i.documents[issuerURL+"/keys"] = `{"keys":[{"kty":"oct","kid":"ec","k":"c2VjcmV0"}]}` },
		"has too many keys":             func(i *issuer) { i.documents[issuerURL+"/keys"] = `{"keys":[` + strings.Repeat(`{},`, 20) + `{}]}` },
		"answers with a page":           func(i *issuer) { i.documents[discovery] = `<html>` },
		"has a weak key":                func(i *issuer) { i.keys["weak"] = rsaKey(1024); i.publish("weak") },
	} {
		i := newIssuer(t)
		spoil(i)
		if _, err := i.verify(i.token("ec", i.claims())); codeOf(err) != webidentity.CodeUnreachable {
			t.Errorf("a provider that %s: got %v", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	i := newIssuer(f)
	for _, kid := range []string{"ec", "rsa"} {
		f.Add(i.token(kid, i.claims()))
	}
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := webidentity.Issuer(token); err != nil && codeOf(err) != webidentity.CodeInvalid {
			t.Errorf("issuer: got %v", err)
		}
		_, err := i.verifier.Verify(t.Context(), webidentity.Provider{URL: issuerURL, Audiences: []string{"sts.amazonaws.com"}}, token)
		if err != nil && codeOf(err) == "" {
			t.Errorf("verify: got %v", err)
		}
	})
}
