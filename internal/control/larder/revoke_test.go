package larder_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/testenv"
)

// reads returns what a read with a token is answered.
func reads(e *testenv.Env, token string) int {
	return e.Do(http.MethodGet, e.Endpoint("npm")+"absent", token, nil).Status
}

// tokenIDs returns the IDs of the tokens that were made, as the audit log has
// them.
func tokenIDs(t *testing.T, e *testenv.Env) (ids []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(e.Dir, "audit", "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var r struct {
			EventName           string
			AdditionalEventData struct{ BearerTokenID string }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if r.EventName == "GetAuthorizationToken" {
			ids = append(ids, r.AdditionalEventData.BearerTokenID)
		}
	}
	return ids
}

func TestRevokeTokenRefusesThatOneOnly(t *testing.T) {
	e := testenv.New(t)
	first, second := e.Token(e.Admin), e.Token(e.Admin)
	ids := tokenIDs(t, e)
	if len(ids) != 2 {
		t.Fatalf("got the IDs %v, want two", ids)
	}
	// Another account's administrator revokes none but its own.
	testenv.OK(t, e.Root(e.NewAccount()), api.RevokeToken, &api.RevokeTokenInput{TokenId: ids[0]})
	if got := reads(e, first); got != http.StatusNotFound {
		t.Errorf("revoked by another account: got %d", got)
	}
	testenv.OK(t, e.Admin, api.RevokeToken, &api.RevokeTokenInput{TokenId: ids[0]})
	if got := reads(e, first); got != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got)
	}
	if got := reads(e, second); got != http.StatusNotFound {
		t.Errorf("another token: got %d", got)
	}
	testenv.OK(t, e.Admin, api.RevokeToken, &api.RevokeTokenInput{TokenId: ids[0]}) // again

	mistyped := strings.Replace(ids[1], ids[1][4:5], string(rune('A'+(ids[1][4]-'A'+1)%26)), 1)
	testenv.Refused(t, e.Admin, api.RevokeToken, &api.RevokeTokenInput{TokenId: mistyped}, "ValidationException")
	testenv.Refused(t, e.User("nobody", allow("larder:RevokeToken", "arn:aws:larder:*:*:token/"+ids[0])),
		api.RevokeToken, &api.RevokeTokenInput{TokenId: ids[1]}, "AccessDeniedException")
}

func TestRevokeTokensOfAccessKeyRefusesThoseSoFar(t *testing.T) {
	e := testenv.New(t)
	other := e.Root(e.Account)
	first, others := e.Token(e.Admin), e.Token(other)
	out := testenv.OK(t, e.Admin, api.RevokeTokensOfAccessKey, &api.RevokeTokensOfAccessKeyInput{AccessKeyId: e.Admin.KeyID})
	if out.AccessKeyId != e.Admin.KeyID || e.Clock.Now().Sub(out.RevokedAt) > time.Second {
		t.Errorf("got %+v", out)
	}
	if got := reads(e, first); got != http.StatusUnauthorized {
		t.Errorf("got %d, want 401", got)
	}
	if got := reads(e, others); got != http.StatusNotFound {
		t.Errorf("another key's: got %d", got)
	}
	e.Clock.Advance(2 * time.Second)
	if got := reads(e, e.Token(e.Admin)); got != http.StatusNotFound {
		t.Errorf("asked for afterwards: got %d", got)
	}
	testenv.Refused(t, e.Root(e.NewAccount()), api.RevokeTokensOfAccessKey,
		&api.RevokeTokensOfAccessKeyInput{AccessKeyId: e.Admin.KeyID}, "ResourceNotFoundException")
	testenv.Refused(t, e.User("nobody"), api.RevokeTokensOfAccessKey,
		&api.RevokeTokensOfAccessKeyInput{AccessKeyId: e.Admin.KeyID}, "AccessDeniedException")
}
