package npm

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// recorded is a request that a real client sent, and the status that it got
// when the client was content.
type recorded struct {
	Method, Path, Accept, Match string
	Body                        json.RawMessage
	Status                      int
}

func session(t testing.TB, path string) []recorded {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []recorded
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func sessions(t testing.TB) []string {
	paths, err := filepath.Glob("testdata/session/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recorded sessions: %v", err)
	}
	return paths
}

// The sessions are whole: publish, publish again, dist-tags, deprecate,
// install, outdated, ci, audit, search, the commands that are not supported,
// unpublish. Revisions in them depend on the order of changes only.
func TestClientsGetTheAnswersTheyWereContentWith(t *testing.T) {
	for _, path := range sessions(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".jsonl"), func(t *testing.T) {
			_, base := serve(t)
			for i, r := range session(t, path) {
				headers := []string{"Accept: " + r.Accept}
				if r.Match != "" {
					headers = append(headers, "If-None-Match: "+r.Match)
				}
				if got := request(t, r.Method, base+r.Path, string(r.Body), headers...); got.StatusCode != r.Status {
					t.Errorf("request %d, %s %s: %s, want %d: %s", i+1, r.Method, r.Path, got.Status, r.Status, got.body)
				}
			}
		})
	}
}

func TestPublishAndInstall(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "@acme/widget", "1.0.0")
	r := p.put(t, base)
	if r.StatusCode != http.StatusCreated || !strings.Contains(r.body, `"ok":true`) || !strings.Contains(r.body, `"success":true`) {
		t.Fatalf("publish: %s: %s", r.Status, r.body)
	}
	packument := getObject(t, base+"@acme%2fwidget")
	tarball, _ := at(packument, "versions", "1.0.0", "dist", "tarball").(string)
	if want := base + "@acme/widget/-/widget-1.0.0.tgz"; tarball != want {
		t.Errorf("dist.tarball is %s, want %s", tarball, want)
	}
	sums := newUpload(p.tarball).sums
	sri, shasum := integrity(sums)
	if got := at(packument, "versions", "1.0.0", "dist", "integrity"); got != sri || !strings.HasPrefix(sri, "sha512-") {
		t.Errorf("dist.integrity is %v, want %s", got, sri)
	}
	if got := at(packument, "versions", "1.0.0", "dist", "shasum"); got != shasum {
		t.Errorf("dist.shasum is %v, want %s", got, shasum)
	}
	if got := expect(t, http.StatusOK, "GET", tarball, ""); got.body != string(p.tarball) {
		t.Errorf("the tarball comes back as other bytes")
	} else if got.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("the tarball comes as %s", got.Header.Get("Content-Type"))
	}
	if got := at(packument, "dist-tags", "latest"); got != "1.0.0" {
		t.Errorf("latest is %v", got)
	}
}

func TestPublishAgain(t *testing.T) {
	registry, base := serve(t)
	p := newPublication(t, "left-pad", "1.0.0")
	mustPut(t, base, p)
	mustPut(t, base, p)
	p.tarball = packed(t, p.manifest, file{"package/other.js", ""})
	r := p.put(t, base)
	if want := "You cannot publish over the previously published version 1.0.0 of left-pad"; r.StatusCode != http.StatusConflict || !strings.Contains(r.body, want) {
		t.Errorf("other bytes: %s: %s", r.Status, r.body)
	}
	registry.restatus(ref("", "left-pad"), "1.0.0", larder.Archived)
	if r := newPublication(t, "left-pad", "1.0.0").put(t, base); r.StatusCode != http.StatusConflict {
		t.Errorf("over an archived version: %s: %s", r.Status, r.body)
	}
}

func TestPublishRefuses(t *testing.T) {
	good := newPublication(t, "left-pad", "1.0.0")
	sha1 := newUpload(good.tarball).sums.SHA1
	for _, test := range []struct {
		what   string
		change func(*publication)
		status int
		says   string
	}{
		{"another length", func(p *publication) { p.length = "7" }, 400, "but the document says 7"},
		{"a length that is no number", func(p *publication) { p.length = `"7"` }, 400, "not valid JSON"},
		{"another sha512", func(p *publication) { p.dist = `,"integrity":"sha512-` + strings.Repeat("A", 86) + `=="` }, 400, "the tarball has the sha512"},
		{"one wrong digest of several", func(p *publication) {
			sri, _ := integrity(newUpload(p.tarball).sums)
			p.dist = `,"integrity":"` + sri + ` sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA="`
		}, 400, "the tarball has the sha1"},
		{"another shasum", func(p *publication) { p.dist = `,"shasum":"` + strings.Repeat("0", 40) + `"` }, 400, "the tarball has the sha1 " + sha1},
		{"a shasum that is no string", func(p *publication) { p.dist = `,"shasum":1` }, 400, "the tarball has the sha1"},
		{"a digest that cannot be checked", func(p *publication) { p.dist = `,"integrity":"sha384-AAAA"` }, 400, "state sha512"},
		{"an integrity that is none", func(p *publication) { p.dist = `,"integrity":"sha512-%%%"` }, 400, "not a list of digests"},
		{"another name in the document", func(p *publication) { p.more = `"name":"right-pad",` }, 400, `"name" comes twice`},
		{"another manifest name", func(p *publication) { p.manifest = `{"name":"right-pad","version":"1.0.0"}` }, 400, "the manifest in the document is of"},
		{"another manifest version", func(p *publication) { p.manifest = `{"name":"left-pad","version":"1.0.1"}` }, 400, "but is listed as"},
		{"no manifest version", func(p *publication) { p.manifest = `{"name":"left-pad"}` }, 400, "but is listed as"},
		{"a loose version", func(p *publication) {
			p.version = "v1.0.0"
			p.manifest = `{"name":"left-pad","version":"v1.0.0"}`
		}, 400, "no semantic version"},
		{
			"another name in the tarball", func(p *publication) { p.tarball = packed(t, `{"name":"right-pad","version":"1.0.0"}`) }, 400,
			"the document publishes left-pad@1.0.0, but package.json in the tarball is of right-pad@1.0.0",
		},
		{
			"another version in the tarball", func(p *publication) { p.tarball = packed(t, `{"name":"left-pad","version":"2.0.0"}`) }, 400,
			"the document publishes left-pad@1.0.0, but package.json in the tarball is of left-pad@2.0.0",
		},
		{"a tarball without a manifest", func(p *publication) { p.tarball = tgz(t, file{"package/index.js", ""}) }, 400, "no package.json"},
		{"a manifest that is not JSON", func(p *publication) { p.tarball = packed(t, `{`) }, 400, "not JSON"},
		{"a tarball that is none", func(p *publication) { p.tarball = []byte("hello") }, 400, "rchive"},
		{"a tarball that is truncated", func(p *publication) { p.tarball = p.tarball[:len(p.tarball)-9] }, 400, "rchive"},
		{"no bytes", func(p *publication) { p.tarball = nil }, 400, ""},
		{"data that is not base64", func(p *publication) { p.data = "a*==" }, 400, "not base64"},
		{"data that is cut", func(p *publication) { p.data = "abcde" }, 400, "not whole base64"},
		{"two versions", func(p *publication) {
			p.manifest = `{"name":"left-pad","version":"1.0.0"},"2.0.0":{"name":"left-pad","version":"2.0.0"}`
		}, 400, "exactly one version, this one holds 2"},
		{"two tarballs", func(p *publication) { p.attachments = `,"x.tgz":{"data":"AAAA"}` }, 400, "a version has one tarball"},
		{"a tag that is a range", func(p *publication) { p.tags = `{"1.x":"1.0.0"}` }, 400, "must not be a valid SemVer range"},
		{"a tag of another version", func(p *publication) { p.tags = `{"latest":"0.9.0"}` }, 400, `the tag "latest" points at "0.9.0"`},
		{"a tag that is no string", func(p *publication) { p.tags = `{"latest":1}` }, 400, "not valid JSON"},
		{"a member twice", func(p *publication) { p.more = `"versions":{},` }, 400, `"versions" comes twice`},
		{"a new name with capitals", func(p *publication) { *p = newPublication(t, "JSONStream", "1.0.0") }, 400, "has capital letters"},
		{"a new name with a tilde", func(p *publication) { *p = newPublication(t, "a~b", "1.0.0") }, 400, "special characters"},
		{"a readme that is too large", func(p *publication) { p.more = `"readme":"` + strings.Repeat("x", maxDocument) + `",` }, 413, `at "readme"`},
		{"a manifest that is too large", func(p *publication) {
			p.manifest = `{"name":"left-pad","version":"1.0.0","x":"` + strings.Repeat("x", maxDocument) + `"}`
		}, 413, `larger than 16 MiB beside its tarball, at "versions"`},
		{"a manifest that nests too deep", func(p *publication) {
			p.manifest = `{"name":"left-pad","version":"1.0.0","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`
		}, 413, "nests deeper than 100 levels"},
	} {
		t.Run(test.what, func(t *testing.T) {
			registry, base := serve(t)
			p := good
			test.change(&p)
			r := p.put(t, base)
			if r.StatusCode != test.status || !strings.Contains(r.body, strings.ReplaceAll(test.says, `"`, `\"`)) {
				t.Errorf("got %s: %s", r.Status, r.body)
			}
			if len(registry.packages) > 0 {
				t.Errorf("something was published")
			}
		})
	}
}

func TestPublishRefusesTextThatIsNoDocument(t *testing.T) {
	whole := newPublication(t, "left-pad", "1.0.0").document()
	for what, body := range map[string]string{
		"nothing":            "",
		"an array":           "[]",
		"half of it":         whole[:len(whole)/2],
		"all but the end":    whole[:len(whole)-1],
		"more after the end": whole + "{}",
		"no versions":        `{"_id":"left-pad","name":"left-pad"}`,
		"the URL's name not": strings.ReplaceAll(whole, "left-pad", "right-pad"),
	} {
		registry, base := serve(t)
		if r := request(t, "PUT", base+"left-pad", body); r.StatusCode != http.StatusBadRequest || len(registry.packages) > 0 {
			t.Errorf("%s: %s: %s", what, r.Status, r.body)
		}
	}
}

func TestPublishTakesMembersInAnyOrder(t *testing.T) {
	var o map[string]json.RawMessage
	p := newPublication(t, "left-pad", "1.0.0")
	p.tags = `{"beta":"1.0.0"}`
	if err := json.Unmarshal([]byte(p.document()), &o); err != nil {
		t.Fatal(err)
	}
	for _, order := range [][]string{
		{"_attachments", "versions", "dist-tags", "name", "_id"},
		{"name", "_attachments", "_id", "dist-tags", "versions"},
	} {
		_, base := serve(t)
		members := make([]string, 0, len(order))
		for _, key := range order {
			members = append(members, `"`+key+`" : `+string(o[key]))
		}
		body := "{\n\t" + strings.Join(members, ",\n\t") + "\n}\n"
		expect(t, http.StatusCreated, "PUT", base+"left-pad", body)
	}
}

func TestPublishTakesIndentedDocuments(t *testing.T) {
	_, base := serve(t)
	var body bytes.Buffer
	if err := json.Indent(&body, []byte(newPublication(t, "left-pad", "1.0.0").document()), "", "  "); err != nil {
		t.Fatal(err)
	}
	expect(t, http.StatusCreated, "PUT", base+"left-pad", body.String())
}

func TestPublishReadsEscapedBase64(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "left-pad", "1.0.0")
	data := base64.StdEncoding.EncodeToString(p.tarball)
	p.data = strings.ReplaceAll(data, "/", `\/`)
	p.data = `\u` + "00" + strings.ToUpper(string("0123456789abcdef"[p.data[0]>>4])) + string("0123456789abcdef"[p.data[0]&15]) + p.data[1:]
	p.data = p.data[:20] + `\n` + p.data[20:]
	mustPut(t, base, p)
	if got := expect(t, http.StatusOK, "GET", base+"left-pad/-/left-pad-1.0.0.tgz", ""); got.body != string(p.tarball) {
		t.Error("the tarball comes back as other bytes")
	}
}

func TestPublishWithoutTagsIsLatest(t *testing.T) {
	for tags, want := range map[string]string{"": "1.0.0", "{}": "1.0.0", "null": "1.0.0", `{"beta":"1.0.0"}`: ""} {
		registry, base := serve(t)
		p := newPublication(t, "left-pad", "1.0.0")
		p.tags = tags
		mustPut(t, base, p)
		if got := registry.packages[ref("", "left-pad")].tags["latest"]; got != want {
			t.Errorf("dist-tags %s: latest is %q, want %q", tags, got, want)
		}
	}
}

func TestPublishKeepsOldNamesGoing(t *testing.T) {
	registry, base := serve(t)
	p := ref("", "JSONStream")
	registry.packages[p] = &stored{tags: map[string]string{}, versions: map[string]*storedVersion{
		"0.9.0": {status: larder.Published, facts: format.Facts{Manifest: json.RawMessage(`{"dist":{}}`)}},
	}}
	mustPublish(t, base, "JSONStream", "1.0.0")
}

func TestPublishTakesWhatNpmCleans(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "left-pad", "1.0.0")
	p.tarball = packed(t, "\ufeff"+`{"name":" left-pad ","version":"v1.0.0+build"}`)
	mustPut(t, base, p)
	if got := at(getObject(t, base+"left-pad"), "versions", "1.0.0", "version"); got != "1.0.0" {
		t.Errorf("version is %v", got)
	}
}

func TestPublishBelievesTheTarball(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "left-pad", "1.0.0")
	p.manifest = `{"name":"left-pad","version":"1.0.0","description":"Pads.","homepage":"https://left-pad.example","gitHead":"abc",
		"_npmUser":{"name":"mallory"},"dependencies":{"innocent":"1"},"scripts":{},"bin":{"pad":"pad.js"},"hasInstallScript":false}`
	p.tarball = packed(t, `{"name":"left-pad","version":"1.0.0","homepage":"https://here.example",
		"dependencies":{"evil":"^6.6.6"},"scripts":{"postinstall":"evil"}}`)
	mustPut(t, base, p)
	for _, accept := range []string{jsonType, shortType} {
		m := at(getObject(t, base+"left-pad", "Accept: "+accept), "versions", "1.0.0").(anyObject)
		if m["hasInstallScript"] != true || at(m, "dependencies", "evil") != "^6.6.6" || at(m, "dependencies", "innocent") != nil || m["bin"] != nil {
			t.Errorf("%s: %v", accept, m)
		}
	}
	m := at(getObject(t, base+"left-pad"), "versions", "1.0.0").(anyObject)
	if m["description"] != "Pads." || m["gitHead"] != "abc" || m["homepage"] != "https://here.example" || m["_npmUser"] != nil {
		t.Errorf("what describes: %v", m)
	}
}

func bundle(sha512 string) string {
	statement := `{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","subject":[` +
		`{"name":"pkg:npm/%40acme/widget@1.0.0","digest":{"sha512":"` + sha512 + `"}}]}`
	b, _ := json.Marshal(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payload":"` +
		base64.StdEncoding.EncodeToString([]byte(statement)) + `"}}`)
	return `,"@acme/widget-1.0.0.sigstore":{"content_type":"application/vnd.dev.sigstore.bundle.v0.3+json","data":` + string(b) + `,"length":1}`
}

func TestPublishKeepsProvenance(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "@acme/widget", "1.0.0")
	p.attachments = bundle(newUpload(p.tarball).sums.SHA512)
	mustPut(t, base, p)
	attestations := at(getObject(t, base+"@acme%2fwidget"), "versions", "1.0.0", "dist", "attestations").(anyObject)
	if got, want := attestations["url"], base+"-/npm/v1/attestations/@acme%2fwidget@1.0.0"; got != want {
		t.Errorf("attestations are at %v, want %s", got, want)
	}
	if got := at(attestations, "provenance", "predicateType"); got != "https://slsa.dev/provenance/v1" {
		t.Errorf("provenance is %v", got)
	}
	list := getObject(t, attestations["url"].(string))["attestations"].([]any)
	if got := at(list[0].(anyObject), "bundle", "mediaType"); got != "application/vnd.dev.sigstore.bundle.v0.3+json" || len(list) != 1 {
		t.Errorf("attestations are %v", list)
	}
	expect(t, http.StatusNotFound, "GET", base+"-/npm/v1/attestations/@acme%2fwidget@2.0.0", "")
}

func TestPublishRefusesProvenanceOfOtherBytes(t *testing.T) {
	for what, attachment := range map[string]string{
		"another digest": bundle(strings.Repeat("0", 128)),
		"no JSON":        `,"x.sigstore":{"data":"x"}`,
		"no statement":   `,"x.sigstore":{"data":"{}"}`,
		"two":            `,"x.sigstore":{"data":"{}"},"y.sigstore":{"data":"{}"}`,
		"too large":      `,"x.sigstore":{"data":"` + strings.Repeat("x", maxBundle+1) + `"}`,
	} {
		registry, base := serve(t)
		p := newPublication(t, "@acme/widget", "1.0.0")
		p.attachments = attachment
		if r := p.put(t, base); r.StatusCode != http.StatusBadRequest && r.StatusCode != http.StatusRequestEntityTooLarge || len(registry.packages) > 0 {
			t.Errorf("%s: %s: %s", what, r.Status, r.body)
		}
	}
}

func FuzzDocument(f *testing.F) {
	for _, path := range sessions(f) {
		for _, r := range session(f, path) {
			if r.Method == http.MethodPut && bytes.HasPrefix(r.Body, []byte("{")) {
				f.Add([]byte(r.Body))
			}
		}
	}
	f.Add([]byte(newPublication(f, "left-pad", "1.0.0").document()))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := readDocument(bytes.NewReader(b), func(r io.Reader) (format.Upload, error) {
			b, err := io.ReadAll(r)
			return newUpload(b), err
		})
		if err != nil {
			if larder.AsError(err).Kind == larder.Internal {
				t.Errorf("%v is not the caller's fault", err)
			}
			return
		}
		if !json.Valid(b) {
			t.Errorf("took what is not JSON")
		}
		if d.tarball == nil {
			return
		}
		version, _, err := d.check(ref("", "left-pad"))
		if err == nil && (d.name != "left-pad" || !strict(version) || len(d.tags) == 0) {
			t.Errorf("took %+v", d)
		}
	})
}
