package npm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
)

func TestPingAndWhoami(t *testing.T) {
	_, base := serve(t)
	for _, path := range []string{"-/ping", "-/ping?write=true"} {
		if r := expect(t, http.StatusOK, "GET", base+path, ""); r.body != "{}" {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	if r := expect(t, http.StatusOK, "GET", base+"-/whoami", ""); r.body != `{"username":"alice"}` {
		t.Errorf("whoami: %s", r.body)
	}
	if r := expect(t, http.StatusOK, "HEAD", base+"-/ping", ""); r.body != "" {
		t.Errorf("HEAD answers with %q", r.body)
	}
}

// Nothing under /-/ may be taken for a package, and what is not supported
// must fail in JSON. An empty audit would be a lie.
func TestWhatIsNotSupportedFailsInJSON(t *testing.T) {
	_, base := serve(t)
	for _, request := range []string{
		"POST -/npm/v1/security/advisories/bulk", "POST -/npm/v1/security/audits/quick", "POST -/npm/v1/security/audits",
		"GET -/npm/v1/keys", "GET -/npm/v1/user", "GET -/npm/v1/tokens", "GET -/npm/v1/hooks", "POST -/npm/v1/hooks/hook",
		"POST -/v1/login", "PUT -/user/org.couchdb.user:bob", "GET -/user/org.couchdb.user:bob", "DELETE -/user/token/s3cret",
		"PUT -/user/v1/star", "GET -/_view/starredByUser", "GET -/org/acme/team", "PUT -/team/acme/devs/user",
		"GET -/package/left-pad/visibility", "GET -/package/left-pad/collaborators", "POST -/package/left-pad/access",
		"POST -/stage/package/left-pad", "GET -/all", "GET -/left-pad", "DELETE -/x/-rev/1", "PUT -/x/-rev/1", "POST left-pad", "PATCH left-pad",
	} {
		method, path, _ := strings.Cut(request, " ")
		r := expect(t, http.StatusNotFound, method, base+path, `{"left-pad":["1.0.0"]}`)
		var body map[string]string
		if err := json.Unmarshal([]byte(r.body), &body); err != nil || body["error"] == "" || strings.Contains(r.body, "s3cret") {
			t.Errorf("%s: %v: %s", request, err, r.body)
		}
	}
}

func TestFailSpellsEveryKind(t *testing.T) {
	full := larder.Errorf(larder.Unavailable, "no room")
	full.Code = larder.CodeStorageFull
	slow := larder.Errorf(larder.Throttled, "too often")
	slow.RetryAfter = 1200 * time.Millisecond
	for _, test := range []struct {
		err    *larder.Error
		status int
		retry  string
	}{
		{larder.Errorf(larder.Internal, "a bug"), 500, ""},
		{larder.Errorf(larder.Invalid, "it's <no> name"), 400, ""},
		{larder.Errorf(larder.Unauthenticated, "who?"), 401, ""},
		{larder.Errorf(larder.Denied, "you may not"), 403, ""},
		{larder.Errorf(larder.NotFound, "Not found"), 404, ""},
		{larder.Errorf(larder.Conflict, "taken"), 409, ""},
		{larder.Errorf(larder.TooLarge, "too large"), 413, ""},
		{larder.Errorf(larder.OverQuota, "enough"), 402, ""},
		{slow, 429, "2"},
		{larder.Errorf(larder.Unavailable, "not now"), 503, ""},
		{full, 507, ""},
	} {
		w := httptest.NewRecorder()
		fail(w, httptest.NewRequest(http.MethodGet, "/", nil), test.err)
		if want := string(encode(map[string]string{"error": test.err.Message})); w.Code != test.status || w.Body.String() != want ||
			w.Header().Get("Retry-After") != test.retry || w.Header().Get("Content-Type") != jsonType {
			t.Errorf("%s: %d %v %s", test.err.Kind, w.Code, w.Header(), w.Body)
		}
	}
}
