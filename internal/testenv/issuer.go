package testenv

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"larder.example/larder/internal/config"
)

// Issuer is an OpenID Connect provider on loopback, over TLS with an authority
// of its own.
type Issuer struct {
	URL     string
	CA      string       // the file with its authority
	Fetches atomic.Int32 // how many documents were asked for

	t   testing.TB
	key *ecdsa.PrivateKey
}

// NewIssuer starts a provider, which stops when t ends. Its issuer has a path,
// as GitHub Enterprise's has.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &Issuer{t: t, key: key, CA: filepath.Join(t.TempDir(), "issuer.pem")}
	web := httptest.NewTLSServer(http.HandlerFunc(i.serve))
	t.Cleanup(web.Close)
	i.URL = web.URL + "/_services/token"
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	if err := os.WriteFile(i.CA, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return i
}

// Trusted is the setting by which a registry reaches the provider.
func (i *Issuer) Trusted(c *config.Config) {
	c.OutboundCA = i.CA
	c.OutboundAllow = append(c.OutboundAllow, netip.MustParsePrefix("127.0.0.0/8"))
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.Fetches.Add(1)
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/_services/token/.well-known/openid-configuration":
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, i.URL+"/keys")
	case "/_services/token/keys":
		w.Header().Set("Cache-Control", "public, max-age=7200")
		keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}}
		if err := json.NewEncoder(w).Encode(keys); err != nil {
			i.t.Error(err)
		}
	default:
		http.NotFound(w, r)
	}
}

// Token returns a token with these claims besides iss.
func (i *Issuer) Token(claims map[string]any) string {
	i.t.Helper()
	return i.sign("1", claims)
}

// Forged returns a token that names a key which the provider has not got.
func (i *Issuer) Forged(kid string, claims map[string]any) string {
	i.t.Helper()
	return i.sign(kid, claims)
}

func (i *Issuer) sign(kid string, claims map[string]any) string {
	i.t.Helper()
	all := map[string]any{"iss": i.URL}
	for k, v := range claims {
		all[k] = v
	}
	payload, err := json.Marshal(all)
	if err != nil {
		i.t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: kid}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}
