package sigv4

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
)

const (
	testID     = "AKIDTEST"
	testSecret = "test-secret"
	testRegion = "eu-central-1"
	testTarget = "http://registry.test/v1/authorization-token?domain=my-domain&domain-owner=111122223333"
)

var testTime = time.Date(2026, 11, 22, 2, 48, 15, 0, time.UTC)

// scenario is a request and the server that it meets.
type scenario struct {
	wire
	service string
	*Verifier[string]
}

func (s *scenario) error() error {
	_, err := s.verify(s.Verifier, s.service)
	return err
}

func newVerifier() *Verifier[string] {
	return &Verifier[string]{Region: testRegion, Now: clock(testTime), Keys: oneKey(testID, testSecret, "")}
}

func testSigner(service string) Signer {
	return Signer{KeyID: testID, Secret: testSecret, Region: testRegion, Service: service}
}

// inHeaders returns a sound request in the header form, whose body's hash is
// announced.
func inHeaders(t testing.TB) *scenario {
	t.Helper()
	r := newRequest(t, "POST", testTarget)
	r.Header.Set("X-Amz-Content-Sha256", hashOf([]byte("body")))
	return &scenario{signed(t, testSigner("codeartifact"), r, "body", testTime), "codeartifact", newVerifier()}
}

// inQuery returns a sound request in the presigned form.
func inQuery(t testing.TB) *scenario {
	t.Helper()
	r := newRequest(t, "GET", "http://sts.test/?Action=GetCallerIdentity&Version=2011-06-15")
	return &scenario{presigned(t, testSigner("sts"), r, time.Hour, testTime), "sts", newVerifier()}
}

// fault breaks a sound request. want is empty where the text tells of the
// request too.
type fault struct {
	name  string
	apply func(testing.TB, *scenario)
	kind  larder.Kind
	code  string
	want  string
}

func (f fault) check(t *testing.T, s *scenario) {
	t.Helper()
	err := s.error()
	kind, code, message := refusal(err)
	if kind != f.kind || code != f.code || message != f.want {
		t.Errorf("got %v %s %q, want %v %s %q", kind, code, message, f.kind, f.code, f.want)
	}
	if err == nil {
		t.Error("and it was accepted")
	}
}

func auth(old, new string) func(testing.TB, *scenario) {
	return func(t testing.TB, s *scenario) { s.wire = s.edit(t, "Authorization", old, new) }
}

func at(offset time.Duration) func(testing.TB, *scenario) {
	return func(_ testing.TB, s *scenario) { s.Now = clock(testTime.Add(offset)) }
}

func header(name, value string) func(testing.TB, *scenario) {
	return func(_ testing.TB, s *scenario) { s.wire = s.set(name, value) }
}

func another(name, value string) func(testing.TB, *scenario) {
	return func(_ testing.TB, s *scenario) { s.wire = s.add(name, value) }
}

func noHeader(names ...string) func(testing.TB, *scenario) {
	return func(_ testing.TB, s *scenario) {
		for _, name := range names {
			s.wire = s.without(name)
		}
	}
}

func aimed(old, new string) func(testing.TB, *scenario) {
	return func(t testing.TB, s *scenario) { s.wire = s.aim(t, old, new) }
}

func all(edits ...func(testing.TB, *scenario)) func(testing.TB, *scenario) {
	return func(t testing.TB, s *scenario) {
		for _, edit := range edits {
			edit(t, s)
		}
	}
}

func unauthenticated(name string, apply func(testing.TB, *scenario), code, want string) fault {
	return fault{name, apply, larder.Unauthenticated, code, want}
}

const textUnknown = "The security token included in the request is invalid."

// Each of these faults belongs to another check; they stand in the order of
// the checks.
func orderedFaults() []fault {
	return []fault{
		{"escape in path", aimed("/v1/", "/v1/%zz"), larder.Invalid, "", "The request path holds an invalid percent escape."},
		{"escape in query", aimed("my-domain", "my%2-domain"), larder.Invalid, "", "The query string holds an invalid percent escape."},
		unauthenticated("both forms", aimed("domain=", "X-Amz-Algorithm=AWS4-HMAC-SHA256&domain="), larder.CodeInvalidSignature,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."),
		unauthenticated("not SigV4", auth("AWS4-", "AWS3-"), larder.CodeMissingToken, "Missing Authentication Token"),
		unauthenticated("two authorizations", another("Authorization", "Bearer lrd_x"), larder.CodeIncomplete,
			"The 'Authorization' header may be given only once."),
		unauthenticated("no equal-sign", auth("SignedHeaders=", "SignedHeaders:"), larder.CodeIncomplete, ""),
		unauthenticated("date in another format", header("X-Amz-Date", "2026-11-22T02:48:15Z"), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '2026-11-22T02:48:15Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("late", at(16*time.Minute), larder.CodeInvalidSignature,
			"Signature expired: 20261122T024815Z is now earlier than 20261122T024915Z (20261122T030415Z - 15 min.)"),
		unauthenticated("host not signed", auth("=host;", "="), larder.CodeInvalidSignature,
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
		unauthenticated("headers out of order", auth(";x-amz-date", ";a;x-amz-date"), larder.CodeIncomplete, ""),
		unauthenticated("SigV4a", auth("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), larder.CodeIncomplete,
			"Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "),
		unauthenticated("six elements", auth("/codeartifact/", "/codeartifact/x/"), larder.CodeIncomplete, ""),
		unauthenticated("other region", auth("/eu-central-1/", "/us-west-2/"), larder.CodeInvalidSignature,
			"Credential should be scoped to a valid region. The region of this server is 'eu-central-1'. "),
		unauthenticated("unknown key", func(_ testing.TB, s *scenario) { s.Keys = oneKey("AKIDOTHER", testSecret, "") },
			larder.CodeUnrecognizedClient, textUnknown),
		unauthenticated("other signature", auth("Signature=", "Signature=0"), larder.CodeInvalidSignature, textMismatch),
		unauthenticated("other body", func(_ testing.TB, s *scenario) { s.body = "bode" }, larder.CodeInvalidSignature, textMismatch),
	}
}

func TestSoundRequestsAreAccepted(t *testing.T) {
	for _, s := range []*scenario{inHeaders(t), inQuery(t)} {
		if err := s.error(); err != nil {
			t.Errorf("%s: %v", s.target, err)
		}
	}
}

func TestChecksRunInOrder(t *testing.T) {
	faults := orderedFaults()
	for i, first := range faults {
		for _, second := range append([]fault{{name: "nothing else", apply: all()}}, faults[i+1:]...) {
			t.Run(first.name+" and "+second.name, func(t *testing.T) {
				s := inHeaders(t)
				all(second.apply, first.apply)(t, s)
				if first.want == "" {
					kind, code, _ := refusal(s.error())
					if kind != first.kind || code != first.code {
						t.Errorf("got %v %s, want %v %s", kind, code, first.kind, first.code)
					}
					return
				}
				first.check(t, s)
			})
		}
	}
}

func TestRefusalsInHeaders(t *testing.T) {
	hash := func(s *scenario) string { return fingerprint(s.request().Header.Get("Authorization")) }
	for _, f := range []fault{
		{"escape cut short", aimed("/v1/authorization-token", "/v1/%2"), larder.Invalid, "", "The request path holds an invalid percent escape."},
		{
			"65 pairs", aimed("domain=", strings.Repeat("a=b&", 63)+"domain="), larder.Invalid, "",
			"The query string holds 65 parameters; at most 64 are accepted.",
		},
		unauthenticated("no credentials", noHeader("Authorization"), larder.CodeMissingToken, textMissing),
		unauthenticated("bearer", header("Authorization", "Bearer lrd_x"), larder.CodeMissingToken, textMissing),
		unauthenticated("SigV2", header("Authorization", "AWS AKIDTEST:sig"), larder.CodeMissingToken, textMissing),
		unauthenticated("SigV3", header("Authorization", "AWS3-HTTPS AWSAccessKeyId=AKIDTEST,Algorithm=HmacSHA256,Signature=x"),
			larder.CodeMissingToken, textMissing),
		unauthenticated("lower case", auth("AWS4-HMAC", "aws4-hmac"), larder.CodeMissingToken, textMissing),
		unauthenticated("too long", auth("Signature=", "Signature="+strings.Repeat("0", 4096)), larder.CodeIncomplete,
			"The 'Authorization' header is longer than 4096 bytes."),
		unauthenticated("no space after algorithm", auth("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256,"), larder.CodeIncomplete,
			"Authorization header must begin with the algorithm name, which cannot include an equal-sign."),
		unauthenticated("nothing there", all(header("Authorization", "AWS4-HMAC-SHA256"), noHeader("X-Amz-Date")), larder.CodeIncomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. "+
				"Authorization header requires 'SignedHeaders' parameter. "+
				"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "+
				"(Hashed with SHA-256 and encoded with Base64) Authorization=YI2YWea8FSxnksZL2ETHbs5elHm9HQufxTLK0W0ffV0="),
		unauthenticated("no signature", auth("Signature=", "Signatur="), larder.CodeIncomplete,
			"Authorization header requires 'Signature' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=%s"),
		unauthenticated("space instead of comma", auth(", Signature", " Signature"), larder.CodeIncomplete,
			"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'."),
		unauthenticated("two commas", auth(", Signature", ",, Signature"), larder.CodeIncomplete,
			"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'."),
		unauthenticated("two headers joined in one", func(_ testing.TB, s *scenario) {
			one := s.request().Header.Get("Authorization")
			s.wire = s.set("Authorization", one+", "+one)
		}, larder.CodeIncomplete,
			"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '%s'."),
		unauthenticated("two signatures", auth(", Signature", ", Signature=0, Signature"), larder.CodeIncomplete,
			"Authorization header holds 'Signature' more than once."),
		unauthenticated("two dates", another("X-Amz-Date", "20261122T024815Z"), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '20261122T024815Z,20261122T024815Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("a date of RFC 1123", all(noHeader("X-Amz-Date"), header("Date", "Sun, 22 Nov 2026 02:48:15 GMT")), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got 'Sun, 22 Nov 2026 02:48:15 GMT'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("month 13", header("X-Amz-Date", "20261322T024815Z"), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '20261322T024815Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("a fraction of a second", header("X-Amz-Date", "20261122T024815.5Z"), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '20261122T024815.5Z'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("early", at(-16*time.Minute), larder.CodeInvalidSignature,
			"Signature not yet current: 20261122T024815Z is still later than 20261122T024715Z (20261122T023215Z + 15 min.)"),
		unauthenticated("another skew", all(at(6*time.Minute), func(_ testing.TB, s *scenario) { s.Skew = 5 * time.Minute }),
			larder.CodeInvalidSignature,
			"Signature expired: 20261122T024815Z is now earlier than 20261122T024915Z (20261122T025415Z - 5 min.)"),
		unauthenticated("33 signed headers", auth("x-amz-date,", "x-amz-date"+numbered(30)+","), larder.CodeIncomplete,
			"SignedHeaders names 33 headers; at most 32 are accepted."),
		unauthenticated("a header twice", auth("x-amz-date,", "x-amz-date;x-amz-date,"), larder.CodeIncomplete,
			"SignedHeaders must be header names in lower case and ascending order, each once. "+
				"Got 'host;x-amz-content-sha256;x-amz-date;x-amz-date'."),
		unauthenticated("a header in upper case", auth("x-amz-date,", "x-amz-date;y-Z,"), larder.CodeIncomplete,
			"SignedHeaders must be header names in lower case and ascending order, each once. "+
				"Got 'host;x-amz-content-sha256;x-amz-date;y-Z'."),
		unauthenticated("a header that is not there", auth("x-amz-date,", "x-amz-date;x-k,"), larder.CodeInvalidSignature, textMismatch),
		unauthenticated("a scope with every fault", auth("/20261122/eu-central-1/codeartifact/aws4_request", "/20261121/x/s3/aws5_request"),
			larder.CodeInvalidSignature,
			"Credential should be scoped to a valid region. Credential should be scoped to correct service: 'codeartifact'. "+
				"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. "+
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "+
				"'20261121' != '20261122', from '20261122T024815Z'. The region of this server is 'eu-central-1'. "),
		unauthenticated("six elements", auth("/codeartifact/", "/codeartifact/x/"), larder.CodeIncomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "+
				"got 'AKIDTEST/20261122/eu-central-1/codeartifact/x/aws4_request'"),
		unauthenticated("four elements", auth("/aws4_request", ""), larder.CodeIncomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "+
				"got 'AKIDTEST/20261122/eu-central-1/codeartifact'"),
		unauthenticated("session token that nobody gave out", another("X-Amz-Security-Token", "t"), larder.CodeUnrecognizedClient, textUnknown),
		unauthenticated("upper-case signature", func(_ testing.TB, s *scenario) {
			i := len(s.header) - 1
			for ; s.header[i][0] != "Authorization"; i-- {
			}
			head, sig, _ := strings.Cut(s.header[i][1], "Signature=")
			s.wire = s.set("Authorization", head+"Signature="+strings.ToUpper(sig))
		}, larder.CodeInvalidSignature, textMismatch),
	} {
		t.Run(f.name, func(t *testing.T) {
			s := inHeaders(t)
			f.apply(t, s)
			if strings.Contains(f.want, "%s") {
				f.want = fmt.Sprintf(f.want, hash(s))
			}
			f.check(t, s)
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";y%02d", i)
	}
	return b.String()
}

func TestRefusalsInTheQuery(t *testing.T) {
	for _, f := range []fault{
		unauthenticated("nothing but the algorithm", func(_ testing.TB, s *scenario) { s.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256" },
			larder.CodeIncomplete,
			"AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. "+
				"AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. "+
				"Re-examine the query-string parameters."),
		unauthenticated("another query signature", func(_ testing.TB, s *scenario) { s.target = "/?AWSAccessKeyId=A&Signature=s&SignatureVersion=2" },
			larder.CodeMissingToken, textMissing),
		unauthenticated("a second signature", aimed("&X-Amz-Signature", "&X-Amz-Signature=0&X-Amz-Signature"), larder.CodeIncomplete,
			"AWS query-string parameters must include 'X-Amz-Signature' only once."),
		unauthenticated("a second date", aimed("&X-Amz-Date", "&X-Amz-Date=20261122T024815Z&X-Amz-Date"), larder.CodeIncomplete,
			"AWS query-string parameters must include 'X-Amz-Date' only once."),
		unauthenticated("no lifetime", aimed("Expires=3600", "Expires="), larder.CodeIncomplete,
			"X-Amz-Expires must be a number of seconds from 1 to 604800. Got ''."),
		unauthenticated("lifetime zero", aimed("Expires=3600", "Expires=0"), larder.CodeIncomplete,
			"X-Amz-Expires must be a number of seconds from 1 to 604800. Got '0'."),
		unauthenticated("negative lifetime", aimed("Expires=3600", "Expires=-1"), larder.CodeIncomplete,
			"X-Amz-Expires must be a number of seconds from 1 to 604800. Got '-1'."),
		unauthenticated("more than a week", aimed("Expires=3600", "Expires=604801"), larder.CodeIncomplete,
			"X-Amz-Expires must be a number of seconds from 1 to 604800. Got '604801'."),
		unauthenticated("lifetime that overflows", aimed("Expires=3600", "Expires=18446744073709551617"), larder.CodeIncomplete,
			"X-Amz-Expires must be a number of seconds from 1 to 604800. Got '18446744073709551617'."),
		unauthenticated("bad date", aimed("T024815Z", "T024815"), larder.CodeIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '20261122T024815'. See http://en.wikipedia.org/wiki/ISO_8601"),
		unauthenticated("early", at(-16*time.Minute), larder.CodeInvalidSignature,
			"Signature not yet current: 20261122T024815Z is still later than 20261122T024715Z (20261122T023215Z + 15 min.)"),
		unauthenticated("expired", at(time.Hour+time.Second), larder.CodeRequestExpired,
			"Request has expired. It was good until 20261122T034815Z and it is now 20261122T034816Z."),
		unauthenticated("host not signed", aimed("SignedHeaders=host", "SignedHeaders=accept"), larder.CodeInvalidSignature,
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
		unauthenticated("SigV4a", aimed("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), larder.CodeIncomplete,
			"Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). "),
		unauthenticated("SigV3", aimed("AWS4-HMAC-SHA256", "AWS3"), larder.CodeIncomplete,
			"Unsupported AWS 'algorithm': 'AWS3' (only AWS4-HMAC-SHA256 for now). "),
		unauthenticated("scope of another service and region", aimed("eu-central-1%2Fsts", "eu-west-1%2Fs3"), larder.CodeInvalidSignature,
			"Credential should be scoped to a valid region. Credential should be scoped to correct service: 'sts'. "),
		unauthenticated("longer lifetime than was signed", aimed("Expires=3600", "Expires=7200"), larder.CodeInvalidSignature, textMismatch),
		unauthenticated("another action", aimed("GetCallerIdentity", "GetSessionToken"), larder.CodeInvalidSignature, textMismatch),
		unauthenticated("a pair more", aimed("Action=", "a=b&Action="), larder.CodeInvalidSignature, textMismatch),
		unauthenticated("a body", func(_ testing.TB, s *scenario) { s.body = "Action=GetSessionToken" }, larder.CodeInvalidSignature, textMismatch),
		unauthenticated("a session token beside the signature", func(_ testing.TB, s *scenario) {
			s.target += "&X-Amz-Security-Token=t"
			s.Keys = oneKey(testID, testSecret, "t")
		}, larder.CodeInvalidSignature, textMismatch),
		unauthenticated("a session token in a header", func(_ testing.TB, s *scenario) {
			s.wire = s.add("X-Amz-Security-Token", "t")
			s.Keys = oneKey(testID, testSecret, "t")
		}, larder.CodeUnrecognizedClient, textUnknown),
	} {
		t.Run(f.name, func(t *testing.T) {
			s := inQuery(t)
			f.apply(t, s)
			f.check(t, s)
		})
	}
}

// An answer about the key comes before one about the signature: AWS STS says
// ExpiredToken and InvalidClientTokenId of requests signed with a wrong
// secret too.
func TestKeySourceSpeaksBeforeTheSignature(t *testing.T) {
	s := inHeaders(t)
	auth("Signature=", "Signature=0")(t, s)
	expired := &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeExpiredToken, Message: "The security token included in the request is expired"}
	s.Keys = func(context.Context, string, string) (string, string, error) { return testSecret, "", expired }
	if err := s.error(); !errors.Is(err, expired) {
		t.Errorf("got %v, want %v", err, expired)
	}
}

// An unknown key is worked on with an empty secret; nobody gets in by
// signing with one.
func TestEmptySecretOpensNothing(t *testing.T) {
	nobody := testSigner("codeartifact")
	nobody.Secret = ""
	s := &scenario{signed(t, nobody, newRequest(t, "GET", testTarget), "", testTime), "codeartifact", newVerifier()}
	s.Keys = oneKey("AKIDOTHER", testSecret, "")
	if _, code, _ := refusal(s.error()); code != larder.CodeUnrecognizedClient {
		t.Errorf("got %s, want %s", code, larder.CodeUnrecognizedClient)
	}
	s.Keys = oneKey(testID, "", "")
	if kind, _, _ := refusal(s.error()); kind != larder.Internal {
		t.Errorf("a source without a secret: got %v, want %v", kind, larder.Internal)
	}
}

func TestMismatchShowsWhatWasSignedOnlyToDebug(t *testing.T) {
	s := inHeaders(t)
	auth("Signature=", "Signature=0")(t, s)
	s.Debug = true
	_, _, got := refusal(s.error())
	want := textMismatch + "\n\nThe Canonical String for this request should have been\n'POST\n/v1/authorization-token\n" +
		"domain=my-domain&domain-owner=111122223333\nhost:registry.test\n" +
		"x-amz-content-sha256:230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5\nx-amz-date:20261122T024815Z\n\n" +
		"host;x-amz-content-sha256;x-amz-date\n230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5'\n\n" +
		"The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20261122T024815Z\n20261122/eu-central-1/codeartifact/aws4_request\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin %q", got, want)
	}
}
