package sigv4

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"larder.example/larder"
)

// publication returns PublishPackageVersion with the hash that the client
// announces for its body.
func publication(t testing.TB, announced string) *http.Request {
	t.Helper()
	r := newRequest(t, "POST", "http://registry.test/v1/package/version/publish?domain=d&asset=a.tgz")
	r.Header.Set("X-Amz-Content-Sha256", announced)
	return signed(t, testSigner("codeartifact"), r, "", testTime).request()
}

func TestStreamedBodyIsHeldToItsAnnouncedHash(t *testing.T) {
	const content = "the bytes of an asset"
	for _, c := range []struct {
		name, body string
		sound      bool
	}{
		{"as announced", content, true},
		{"cut short", content[:5], false},
		{"longer", content + "!", false},
		{"changed", "T" + content[1:], false},
		{"empty", "", false},
	} {
		for _, reader := range []struct {
			name string
			wrap func(io.Reader) io.Reader
		}{
			{"whole", func(r io.Reader) io.Reader { return r }},
			{"byte by byte", iotest.OneByteReader},
			{"end with the data", iotest.DataErrReader},
		} {
			t.Run(c.name+" "+reader.name, func(t *testing.T) {
				r := publication(t, hashOf([]byte(content)))
				r.Body = io.NopCloser(reader.wrap(strings.NewReader(c.body)))
				res, body, err := newVerifier().VerifyStream(r, "codeartifact")
				if err != nil {
					t.Fatal(err)
				}
				if res.Principal != "owner of "+testID {
					t.Errorf("got %q", res.Principal)
				}
				got, err := readAll(t, body)
				if string(got) != c.body {
					t.Errorf("got %q, want %q", got, c.body)
				}
				if c.sound && err != nil {
					t.Error(err)
				}
				if _, code, _ := refusal(err); !c.sound && code != larder.CodeInvalidSignature {
					t.Errorf("got %v, want %s", err, larder.CodeInvalidSignature)
				}
				if _, again := body.Read(make([]byte, 1)); !errors.Is(again, io.EOF) && !errors.Is(again, err) {
					t.Errorf("reading on: got %v, want %v", again, err)
				}
			})
		}
	}
}

func TestStreamNeedsTheHashOfItsBody(t *testing.T) {
	for _, announced := range []string{
		"UNSIGNED-PAYLOAD",
		"STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
		"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
		strings.ToUpper(emptyHash),
		"",
	} {
		_, body, err := newVerifier().VerifyStream(publication(t, announced), "codeartifact")
		if _, code, _ := refusal(err); code != larder.CodeInvalidSignature || body != nil {
			t.Errorf("%q: got %v, want %s", announced, err, larder.CodeInvalidSignature)
		}
		_, err = newVerifier().Verify(publication(t, announced), "codeartifact", nil)
		if _, code, _ := refusal(err); code != larder.CodeInvalidSignature {
			t.Errorf("%q, with the whole body: got %v, want %s", announced, err, larder.CodeInvalidSignature)
		}
	}
	r := newRequest(t, "POST", "http://registry.test/v1/package/version/publish")
	_, _, err := newVerifier().VerifyStream(signed(t, testSigner("codeartifact"), r, "", testTime).request(), "codeartifact")
	if _, code, _ := refusal(err); code != larder.CodeIncomplete {
		t.Errorf("no hash: got %v, want %s", err, larder.CodeIncomplete)
	}
}

func TestStreamIsRefusedBeforeItsBodyIsRead(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*http.Request)
		code  string
	}{
		{"unsigned", func(r *http.Request) { r.Header.Del("Authorization") }, larder.CodeMissingToken},
		{"wrong signature", func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", hashOf([]byte("x"))) }, larder.CodeInvalidSignature},
	} {
		r := publication(t, emptyHash)
		c.spoil(r)
		r.Body = io.NopCloser(iotest.ErrReader(errors.New("it was read")))
		_, body, err := newVerifier().VerifyStream(r, "codeartifact")
		if _, code, _ := refusal(err); code != c.code || body != nil {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestStreamOfNoBody(t *testing.T) {
	r := publication(t, emptyHash)
	r.Body = nil
	_, body, err := newVerifier().VerifyStream(r, "codeartifact")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t, body); len(got) != 0 || err != nil {
		t.Errorf("got %q, %v, want nothing", got, err)
	}
}

func TestStreamedBodyBeyondTheLimitIsTooLarge(t *testing.T) {
	r := publication(t, hashOf([]byte("12345")))
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(strings.NewReader("12345")), 4)
	_, body, err := newVerifier().VerifyStream(r, "codeartifact")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, body); !larder.TooLarge.Is(err) {
		t.Errorf("got %v, want TooLarge", err)
	}
}

func TestStreamPassesTheFailureOfItsBodyOn(t *testing.T) {
	r := publication(t, emptyHash)
	r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	_, body, err := newVerifier().VerifyStream(r, "codeartifact")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want %v", err, io.ErrUnexpectedEOF)
	}
}
