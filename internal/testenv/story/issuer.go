package story

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/testenv"
)

// startIssuer starts an identity provider, which a registry that is started
// afterwards may fetch from.
func startIssuer(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 0, "issuer")
	s := storyOf(ts)
	s.issuer = testenv.NewIssuer(s.t)
	ts.Setenv("ISSUER", s.issuer.URL)
	ts.Setenv("ISSUER_HOST", strings.TrimPrefix(s.issuer.URL, "https://"))
}

// identify writes a token of the identity provider's with the claims in a
// file, good for five minutes.
func identify(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, 2, "identify CLAIMS-FILE TOKEN-FILE")
	s := storyOf(ts)
	if s.issuer == nil {
		ts.Fatalf("there is no issuer")
	}
	claims := map[string]any{}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &claims))
	now := time.Now()
	claims["iat"], claims["nbf"], claims["exp"] = now.Unix(), now.Unix(), now.Add(5*time.Minute).Unix()
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(s.issuer.Token(claims)), 0o600))
}
