package pypi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// spooled is a file that was read into memory.
type spooled struct{ *bytes.Reader }

func (s spooled) Sums() format.Sums {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(s, 0, s.Size())); err != nil {
		return format.Sums{}
	}
	return format.Sums{SHA256: hex.EncodeToString(h.Sum(nil))}
}

func spool(r io.Reader) (format.Upload, error) {
	b, err := io.ReadAll(r)
	return spooled{bytes.NewReader(b)}, err
}

// field is a part of a form; with a file name it is one of a file.
type field struct{ name, value, filename string }

func formOf(t testing.TB, fields ...field) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		var to io.Writer
		var err error
		if f.filename != "" {
			to, err = w.CreateFormFile(f.name, f.filename)
		} else {
			to, err = w.CreateFormField(f.name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, f.value); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

func readBody(contentType, body string) (*form, error) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return readForm(r, spool)
}

var content = field{"content", "bytes", "thing-1.0.tar.gz"}

func TestFormsAreReadInAnyOrder(t *testing.T) {
	fields := []field{
		{":action", "file_upload", ""},
		{"name", " thing\r", ""}, // as distutils sent it
		content,
		{"classifiers", "A", ""},
		{"classifiers", "B", ""},
		{"unknown", strings.Repeat("x", 1<<20), ""},
		{"gpg_signature", "signature", "thing-1.0.tar.gz.asc"},
		{"version", "1.0", ""},
	}
	for range fields {
		fields = append(fields[1:], fields[0])
		f, err := readBody(formOf(t, fields...))
		if err != nil {
			t.Fatal(err)
		}
		if f.filename.full != content.filename || f.file.Size() != 5 || len(f.fields) != 3 || f.fields["name"] != "thing" || f.fields["version"] != "1.0" {
			t.Errorf("got %+v", f)
		}
		if want := "a3ac9bca8624d2caf63b36296ed39fcb257dbe65631499d31f4544eba9717080"; f.blake2 != want {
			t.Errorf("got the sum %s, want %s", f.blake2, want)
		}
	}
}

func TestEmptyFieldsSayNothing(t *testing.T) {
	f, err := readBody(formOf(t, content, field{"blake2_256_digest", "", ""}, field{"filetype", " ", ""}, field{"version", "1", ""}))
	if err != nil || len(f.fields) != 1 || f.fields["version"] != "1" {
		t.Errorf("got %+v, %v", f, err)
	}
	if _, err := readBody(formOf(t, content, field{"name", "", ""}, field{"name", "thing", ""})); !larder.Invalid.Is(err) {
		t.Errorf("two names of which one is empty: got %v, want Invalid", err)
	}
}

func TestFormsThatAreRefused(t *testing.T) {
	many := make([]field, maxParts+1)
	for i := range many {
		many[i] = field{"classifiers", "x", ""}
	}
	large := field{"unknown", strings.Repeat("x", 9<<20), ""}
	whole, body := formOf(t, content)
	for _, test := range []refused{
		refusedForm(t, "no file", larder.Invalid, "no file", field{"name", "thing", ""}),
		refusedForm(t, "a file without a name", larder.Invalid, "has no name", field{"content", "bytes", ""}),
		refusedForm(t, "a file in another directory", larder.Invalid, "characters", field{"content", "bytes", "../thing-1.0.tar.gz"}),
		refusedForm(t, "two files", larder.Invalid, "two files", content, content),
		refusedForm(t, "two names", larder.Invalid, "two fields name", content, field{"name", "thing", ""}, field{"name", "other", ""}),
		refusedForm(t, "too many fields", larder.Invalid, "no more than", many...),
		refusedForm(t, "too large fields", larder.TooLarge, "more than 16 MiB", large, large, content),
		refusedForm(t, "a name without end", larder.TooLarge, "more than 16 MiB", field{"name", strings.Repeat("x", 17<<20), ""}),
		{"a search", "text/xml", "<methodCall/>", larder.NotFound, "search"},
		{"a form of another kind", "application/x-www-form-urlencoded", ":action=file_upload", larder.Invalid, "multipart"},
		{"no type", "", body, larder.Invalid, "multipart"},
		{"no boundary", "multipart/form-data", body, larder.Invalid, "boundary"},
		{"another boundary", "multipart/form-data; boundary=x", body, larder.Invalid, "whole"},
		{"a form cut off in the file", whole, body[:len(body)-len("--boundary")-60], larder.Invalid, "whole"},
		{"a form cut off behind the file", whole, body[:len(body)-4], larder.Invalid, "whole"},
		{"nothing", whole, "", larder.Invalid, "whole"},
	} {
		f, err := readBody(test.contentType, test.body)
		if !test.want.Is(err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %+v, %v, want %s that says %q", test.claim, f, err, test.want, test.says)
		}
	}
}

// refused is a form that is, and how.
type refused struct {
	claim, contentType, body string
	want                     larder.Kind
	says                     string
}

func refusedForm(t *testing.T, claim string, want larder.Kind, says string, fields ...field) refused {
	t.Helper()
	contentType, body := formOf(t, fields...)
	return refused{claim, contentType, body, want, says}
}

func FuzzForm(f *testing.F) {
	for _, fields := range [][]field{
		{content, {"name", "thing", ""}},
		{{"attestations", "[]", ""}, {"content", "\r\n--x", "a-1.zip"}, {":action", "file_upload", ""}},
	} {
		contentType, body := formOf(f, fields...)
		_, boundary, _ := strings.Cut(contentType, "boundary=")
		f.Add("multipart/form-data; boundary=x", strings.ReplaceAll(body, boundary, "x"))
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		form, err := readBody(contentType, body)
		if err != nil {
			if larder.AsError(err).Kind == larder.Internal {
				t.Error(err)
			}
			return
		}
		if form.file == nil || form.filename.full == "" {
			t.Errorf("got %+v of a form without a file", form)
		}
		if _, err := form.check(); err != nil && !larder.Invalid.Is(err) {
			t.Error(err)
		}
	})
}

// Attested is an attestation about a file.
func Attested(name, sum string) string {
	statement := fmt.Sprintf(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":%q,"digest":{"sha256":%q}}],
		"predicateType":"https://docs.test/attestations/publish/v1","predicate":null}`, name, sum)
	return fmt.Sprintf(`{"version":1,"verification_material":{"certificate":"","transparency_entries":[{}]},"envelope":{"statement":%q,"signature":""}}`,
		base64.StdEncoding.EncodeToString([]byte(statement)))
}

func TestAttestationsAreAboutTheFile(t *testing.T) {
	const name = "thing-1.0.tar.gz"
	sum := strings.Repeat("ab", 32)
	got, err := provenanceOf("["+Attested(name, sum)+"]", name, sum)
	want := `{"version":1,"attestation_bundles":[{"publisher":{"kind":"unverified"},"attestations":[` + Attested(name, sum) + "]}]}\n"
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	for claim, text := range map[string]string{
		"nothing":                  "[]",
		"no array":                 Attested(name, sum),
		"no JSON":                  "x",
		"null":                     "null",
		"null in it":               "[null]",
		"another file":             "[" + Attested("other-1.0.tar.gz", sum) + "]",
		"other bytes":              "[" + Attested(name, strings.Repeat("cd", 32)) + "]",
		"one good and one bad":     "[" + Attested(name, sum) + "," + Attested(name, "") + "]",
		"a version of the future":  "[" + strings.Replace(Attested(name, sum), `"version":1`, `"version":2`, 1) + "]",
		"a statement of no base64": `[{"version":1,"envelope":{"statement":"%"}}]`,
		"a statement of no JSON":   `[{"version":1,"envelope":{"statement":"eA=="}}]`,
		"no statement":             `[{"version":1}]`,
	} {
		if got, err := provenanceOf(text, name, sum); !larder.Invalid.Is(err) {
			t.Errorf("%s: got %s, %v, want Invalid", claim, got, err)
		}
	}
}

func FuzzAttestations(f *testing.F) {
	f.Add("[" + Attested("a", "b") + "]")
	f.Add(`[{"version":1,"envelope":{"statement":"eA=="}},null]`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := provenanceOf(text, "a", "b"); err != nil && !larder.Invalid.Is(err) {
			t.Error(err)
		}
	})
}

func FuzzEntry(f *testing.F) {
	f.Add(">=3.9", "ab", "cd", "why", true)
	f.Add(`"\`, "", "", "", false)
	f.Fuzz(func(t *testing.T, python, metadata, provenance, why string, yanked bool) {
		want := entry{RequiresPython: strings.ToValidUTF8(python, ""), CoreMetadata: strings.ToValidUTF8(metadata, ""), Provenance: strings.ToValidUTF8(provenance, "")}
		if yanked {
			why = strings.ToValidUTF8(why, "")
			want.Yanked = &why
		}
		raw, err := want.encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := entryOf(format.Asset{Manifest: raw})
		if err != nil || fmt.Sprint(got.RequiresPython, got.CoreMetadata, got.Provenance) != fmt.Sprint(want.RequiresPython, want.CoreMetadata, want.Provenance) ||
			(got.Yanked == nil) != (want.Yanked == nil) || got.Yanked != nil && *got.Yanked != *want.Yanked {
			t.Errorf("%s: got %+v, %v, want %+v", raw, got, err, want)
		}
	})
}
