package pypi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/format/pypi"
	"larder.example/larder/internal/testenv"
)

// env is a registry and its administrator's token.
type env struct {
	*testenv.Env
	testing.TB
	token, base string
}

func start(t testing.TB) *env {
	t.Helper()
	e := &env{Env: testenv.New(t), TB: t}
	e.token, e.base = e.Token(e.Admin), e.Endpoint("pypi")
	return e
}

func (e *env) get(path string, header ...string) testenv.Answer {
	e.Helper()
	return e.Do("GET", e.base+path, e.token, nil, header...)
}

// want checks the status of an answer and what it says.
func (e *env) want(status int, says string, a testenv.Answer) testenv.Answer {
	e.Helper()
	if a.Status != status || !strings.Contains(a.Body, says) {
		e.Errorf("got %d %s, want %d that says %q", a.Status, a.Body, status, says)
	}
	return a
}

// upload uploads a file with fields, as name and value in turn. An empty name
// of the file leaves it out.
func (e *env) upload(file string, content []byte, fields ...string) testenv.Answer {
	e.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			e.Fatal(err)
		}
	}
	to, err := w.CreateFormFile("content", file)
	if err != nil {
		e.Fatal(err)
	}
	if _, err := to.Write(content); err != nil {
		e.Fatal(err)
	}
	if err := w.Close(); err != nil {
		e.Fatal(err)
	}
	return e.Do("POST", e.base, e.token, &b, "Content-Type", w.FormDataContentType())
}

// put uploads a file that must be taken.
func (e *env) put(file string, content []byte, fields ...string) {
	e.Helper()
	e.want(200, "", e.upload(file, content, append(fields, ":action", "file_upload", "protocol_version", "1")...))
}

// page is a project's page in JSON.
type page struct {
	Meta struct {
		Version string `json:"api-version"`
	} `json:"meta"`
	Name     string   `json:"name"`
	Versions []string `json:"versions"`
	Files    []struct {
		Filename     string            `json:"filename"`
		URL          string            `json:"url"`
		Hashes       map[string]string `json:"hashes"`
		Python       string            `json:"requires-python"`
		Size         int               `json:"size"`
		UploadTime   string            `json:"upload-time"`
		CoreMetadata map[string]string `json:"core-metadata"`
		Provenance   string            `json:"provenance"`
		Yanked       any               `json:"yanked"`
	} `json:"files"`
}

func (e *env) page(project string) (p page) {
	e.Helper()
	a := e.want(200, "", e.get("simple/"+project+"/", "Accept", "application/vnd.pypi.simple.v1+json"))
	if kind := a.Header.Get("Content-Type"); kind != "application/vnd.pypi.simple.v1+json" {
		e.Errorf("got the type %s", kind)
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		e.Fatal(err)
	}
	return p
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestFilesOfAVersionComeOneByOne(t *testing.T) {
	e := start(t)
	metadata := coreMetadata("My.Thing", "1.0-RC1", "Requires-Python: >=3.9", "Requires-Dist: idna>=2", "Summary: A thing", "", "Readme of the wheel")
	sdist := sdistOf(t, "my_thing-1.0rc1", coreMetadata("My.Thing", "1.0rc1", "Summary: Of the sdist"))
	wheel := wheelOf(t, "My.Thing-1.0_RC1", metadata)
	e.put("My.Thing-1.0-RC1.tar.gz", sdist, "name", "my.thing", "version", "1.0.rc1", "filetype", "sdist", "sha256_digest", sha(sdist))
	first := e.get("simple/my-thing/").Header.Get("ETag")
	e.Clock.Advance(time.Minute)
	e.put("my_thing-1.0rc1-py3-none-any.whl", wheel, "filetype", "bdist_wheel", "sha256_digest", strings.ToUpper(sha(wheel)))
	if again := e.get("simple/my-thing/").Header.Get("ETag"); first == "" || again == first {
		t.Errorf("got the ETag %s after %s", again, first)
	}

	p := e.page("my-thing")
	if p.Meta.Version != "1.1" || p.Name != "my-thing" || len(p.Versions) != 1 || p.Versions[0] != "1.0rc1" || len(p.Files) != 2 {
		t.Fatalf("got %+v", p)
	}
	w := p.Files[1]
	if p.Files[0].Filename != "My.Thing-1.0-RC1.tar.gz" || p.Files[0].CoreMetadata != nil || p.Files[0].Yanked != false || p.Files[0].Hashes["sha256"] != sha(sdist) {
		t.Errorf("got the sdist %+v", p.Files[0])
	}
	if w.Size != len(wheel) || w.Hashes["sha256"] != sha(wheel) || len(w.Hashes["md5"]) != 32 || w.Python != ">=3.9" ||
		w.CoreMetadata["sha256"] != sha([]byte(metadata)) || w.UploadTime != e.Clock.Now().UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000000Z") {
		t.Errorf("got the wheel %+v", w)
	}
	for url, want := range map[string][]byte{
		p.Files[0].URL: sdist, w.URL: wheel, w.URL + ".metadata": []byte(metadata),
		"1.0.0rc1/../" + w.URL: nil, w.URL + ".provenance": nil, p.Files[0].URL + ".metadata": nil, "2.0/" + w.Filename: nil, "nonsense/x": nil,
	} {
		a := e.get("simple/my-thing/" + url)
		if want == nil {
			if a.Status != 404 && a.Status != 400 {
				t.Errorf("%s: got %d", url, a.Status)
			}
			continue
		}
		e.want(200, string(want), a)
	}
	e.want(200, string(wheel), e.get("simple/My_THING/1.0-RC1/"+w.Filename)) // any spelling
	if a := e.get("simple/my-thing/"+w.URL+".metadata", "Range", "bytes=0-4"); a.Status != 206 || a.Body != metadata[:5] {
		t.Errorf("a range of metadata: got %d %s", a.Status, a.Body)
	}

	// Companions are no assets, and the wheel's word counts.
	about := codeartifact.ListPackageVersionAssetsInput{Domain: "team", Repository: "app", Format: "pypi", Package: "my-thing", PackageVersion: "1.0rc1"}
	assets := testenv.OK(t, e.Admin, codeartifact.ListPackageVersionAssets, &about).Assets
	if len(assets) != 2 {
		t.Errorf("got the assets %+v", assets)
	}
	described := testenv.OK(t, e.Admin, codeartifact.DescribePackageVersion, &codeartifact.DescribePackageVersionInput{
		Domain: "team", Repository: "app", Format: "pypi", Package: "my-thing", PackageVersion: "1.0rc1",
	}).PackageVersion
	if described.DisplayName != "My.Thing" || described.Summary != "A thing" || described.Status != "Published" {
		t.Errorf("got %+v", described)
	}
	dependencies := testenv.OK(t, e.Admin, codeartifact.ListPackageVersionDependencies, &codeartifact.ListPackageVersionDependenciesInput{
		Domain: "team", Repository: "app", Format: "pypi", Package: "my-thing", PackageVersion: "1.0rc1",
	}).Dependencies
	if len(dependencies) != 1 || dependencies[0].Package != "idna" || dependencies[0].DependencyType != "Requires-Dist" || dependencies[0].VersionRequirement != ">=2" {
		t.Errorf("got %+v", dependencies)
	}

	// What comes after a wheel changes nothing that is known.
	e.put("my_thing-1.0rc1.zip", zipOf(t, member{name: "my_thing-1.0rc1/PKG-INFO", body: coreMetadata("my-thing", "1.0rc1", "Summary: x")}))
	e.put("my_thing-1.0rc1-py2-none-any.whl", wheelOf(t, "my_thing-1.0rc1", coreMetadata("my-thing", "1.0rc1", "Summary: x")))
	if got := e.page("my-thing"); len(got.Files) != 4 || len(got.Versions) != 1 {
		t.Errorf("got %+v", got)
	}
	readme := testenv.OK(t, e.Admin, codeartifact.GetPackageVersionReadme, &codeartifact.GetPackageVersionReadmeInput{
		Domain: "team", Repository: "app", Format: "pypi", Package: "my-thing", PackageVersion: "1.0rc1",
	})
	if readme.Readme != "Readme of the wheel\n" {
		t.Errorf("got %+v", readme)
	}
}

func TestAnUploadThatIsThereAlready(t *testing.T) {
	e := start(t)
	wheel, other := wheelOf(t, "thing-1.0", thing), wheelOf(t, "thing-1.0", thing, member{name: "more"})
	attestations := func(word string) string {
		return `[` + strings.Replace(pypi.Attested(wheelName, sha(wheel)), `"signature":""`, `"signature":"`+word+`"`, 1) + `]`
	}
	e.put(wheelName, wheel)
	before := e.page("thing")
	e.put(wheelName, wheel)
	e.want(409, "File already exists: "+wheelName, e.upload(wheelName, other))
	// At another time a file is attested in another way.
	e.put(wheelName, wheel, "attestations", attestations("YQ=="))
	e.put(wheelName, wheel, "attestations", attestations("Yg=="))
	if after := e.page("thing"); len(after.Files) != 1 || after.Files[0].Hashes["sha256"] != before.Files[0].Hashes["sha256"] {
		t.Errorf("got %+v", after)
	}
	e.want(409, "File already exists", e.upload(wheelName, other, "attestations", `[`+pypi.Attested(wheelName, sha(other))+`]`))
	testenv.OK(t, e.Admin, codeartifact.UpdatePackageVersionsStatus, &codeartifact.UpdatePackageVersionsStatusInput{
		Domain: "team", Repository: "app", Format: "pypi", Package: "thing", Versions: []string{"1.0"}, TargetStatus: "Archived",
	})
	e.want(409, "already exists", e.upload(sdistName, sdistOf(t, "thing-1.0", thing)))
}

func TestUploadsThatAreRefusedLeaveNothing(t *testing.T) {
	e := start(t)
	wheel := wheelOf(t, "thing-1.0", thing)
	for _, test := range []struct {
		claim, file string
		content     []byte
		fields      []string
		says        string
	}{
		{"another project inside", wheelName, wheelOf(t, "thing-1.0", coreMetadata("other", "1.0")), nil, "is of other 1.0"},
		{"another project in the form", wheelName, wheel, []string{"name", "other"}, "for the project"},
		{"another version in the form", wheelName, wheel, []string{"version", "2.0"}, "for the version"},
		{"no version in the form", wheelName, wheel, []string{"version", "x"}, "for the version"},
		{"an sdist in the form", wheelName, wheel, []string{"filetype", "sdist"}, "bdist_wheel"},
		{"an egg in the form", wheelName, wheel, []string{"filetype", "bdist_egg"}, "bdist_wheel"},
		{"another SHA-256", wheelName, wheel, []string{"sha256_digest", sha(nil)}, "SHA-256"},
		{"another MD5", wheelName, wheel, []string{"md5_digest", strings.Repeat("0", 32)}, "MD5"},
		{"another BLAKE2", wheelName, wheel, []string{"blake2_256_digest", strings.Repeat("0", 64)}, "BLAKE2b-256"},
		{"a digest that is none", wheelName, wheel, []string{"sha256_digest", "x"}, "SHA-256"},
		{"another action", wheelName, wheel, []string{":action", "submit"}, "file_upload"},
		{"another protocol", wheelName, wheel, []string{"protocol_version", "2"}, "protocol_version"},
		{"attestations of another file", wheelName, wheel, []string{"attestations", `[` + pypi.Attested(wheelName, sha(nil)) + `]`}, "about another file"},
		{"a link", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "thing/x", link: "/etc/passwd"}), nil, "symbolic link"},
		{"an egg", "thing-1.0-py3.9.egg", wheel, nil, "not supported"},
	} {
		if a := e.upload(test.file, test.content, test.fields...); a.Status != 400 || !strings.Contains(a.Body, test.says) || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: got %d %s (%s), want 400 that says %q", test.claim, a.Status, a.Body, a.Header.Get("Content-Type"), test.says)
		}
	}
	e.want(404, "search", e.Do("POST", e.base, e.token, strings.NewReader("<?xml version='1.0'?><methodCall/>"), "Content-Type", "text/xml"))
	e.want(404, "", e.get("simple/thing/"))
	e.want(404, "", e.get("simple/other/"))
	if got := testenv.OK(t, e.Admin, codeartifact.ListPackages, &codeartifact.ListPackagesInput{Domain: "team", Repository: "app"}).Packages; len(got) != 0 {
		t.Errorf("got the packages %+v", got)
	}
}

func TestPagesAreAskedForInManyWays(t *testing.T) {
	e := start(t)
	e.put(wheelName, wheelOf(t, "thing-1.0", thing))
	for _, test := range []struct {
		path, accept string
		status       int
		kind, says   string
	}{
		{"simple/thing/", "", 200, "text/html; charset=utf-8", `<a href="1.0/` + wheelName},
		{"simple/Thing/", "*/*", 200, "text/html; charset=utf-8", `<a href="1.0/` + wheelName},
		{"simple/thing/", "application/vnd.pypi.simple.latest+html", 200, "application/vnd.pypi.simple.v1+html", `<a href="1.0/` + wheelName},
		{"simple/thing/", "application/vnd.pypi.simple.latest+json", 200, "application/vnd.pypi.simple.v1+json", `"name":"thing"`},
		{"simple/thing/", "application/json", 406, "text/plain; charset=utf-8", "None of the media types"},
		{"simple/none/", "", 404, "text/plain; charset=utf-8", ""},
		{"simple/", "", 200, "text/html; charset=utf-8", `<a href="thing/">thing</a>`},
		{"simple/", "application/vnd.pypi.simple.v1+json", 200, "application/vnd.pypi.simple.v1+json", `"projects":[{"name":"thing"}]`},
		{"simple/", "application/json", 406, "text/plain; charset=utf-8", ""},
		{"pypi/thing/json", "", 404, "text/plain; charset=utf-8", ""},
		{"", "", 404, "text/plain; charset=utf-8", ""},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			var header []string
			if test.accept != "" {
				header = []string{"Accept", test.accept}
			}
			a := e.Do(method, e.base+test.path, e.token, nil, header...)
			if a.Status != test.status || a.Header.Get("Content-Type") != test.kind || method == "GET" && !strings.Contains(a.Body, test.says) {
				t.Errorf("%s %s as %q: got %d %s %s", method, test.path, test.accept, a.Status, a.Header.Get("Content-Type"), a.Body)
			}
		}
	}
	for path, want := range map[string]string{"simple/Thing": "thing/", "simple": "simple/"} {
		if a := e.get(path); a.Status != 301 || a.Header.Get("Location") != want {
			t.Errorf("%s: got %d to %q, want 301 to %q", path, a.Status, a.Header.Get("Location"), want)
		}
	}
}

func TestUnlistedVersionsAreServedToWhoKnows(t *testing.T) {
	e := start(t)
	e.put(wheelName, wheelOf(t, "thing-1.0", thing))
	e.put("thing-1.1-py3-none-any.whl", wheelOf(t, "thing-1.1", coreMetadata("thing", "1.1")))
	set := func(status larder.Status) {
		testenv.OK(t, e.Admin, codeartifact.UpdatePackageVersionsStatus, &codeartifact.UpdatePackageVersionsStatusInput{
			Domain: "team", Repository: "app", Format: "pypi", Package: "thing", Versions: []string{"1.1"}, TargetStatus: status,
		})
	}
	for _, test := range []struct {
		status larder.Status
		listed int
		file   int
	}{{"Unlisted", 1, 200}, {"Archived", 1, 404}, {"Published", 2, 200}} {
		set(test.status)
		if p := e.page("thing"); len(p.Versions) != test.listed || len(p.Files) != test.listed {
			t.Errorf("%s: got %+v", test.status, p)
		}
		e.want(test.file, "", e.get("simple/thing/1.1/thing-1.1-py3-none-any.whl"))
		e.want(test.file, "", e.get("simple/thing/1.1/thing-1.1-py3-none-any.whl.metadata"))
	}
}

func TestAttestationsAreServed(t *testing.T) {
	e := start(t)
	wheel := wheelOf(t, "thing-1.0", thing)
	e.put(wheelName, wheel, "attestations", `[`+pypi.Attested(wheelName, sha(wheel))+`]`)
	p := e.page("thing")
	path, ok := strings.CutPrefix(p.Files[0].Provenance, e.URL)
	if !ok {
		t.Fatalf("got the provenance %q", p.Files[0].Provenance)
	}
	e.want(200, `"attestation_bundles":[{"publisher":{"kind":"unverified"},"attestations":[{"version":1,`, e.Do("GET", path, e.token, nil))
	e.want(200, `data-provenance="`+e.URL+path+`"`, e.get("simple/thing/"))
}
