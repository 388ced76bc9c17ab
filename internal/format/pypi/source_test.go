package pypi

import (
	"fmt"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var flask = larder.PackageRef{Format: larder.PyPI, Name: "flask"}

const (
	sum0 = "0000000000000000000000000000000000000000000000000000000000000000"
	sum1 = "1111111111111111111111111111111111111111111111111111111111111111"
)

const theirJSON = `{"meta":{"api-version":"1.4","_last-serial":1},"name":"Flask","versions":["0.1","3.0.0"],"alternate-locations":[],
"files":[
 {"filename":"Flask-0.1.tar.gz","url":"https://files.test/a/Flask-0.1.tar.gz","hashes":{"sha256":"` + sum0 + `","md5":"x"},"size":9168,"upload-time":"2010-04-16T14:29:37.458396Z","yanked":"broken","requires-python":null},
 {"filename":"flask-3.0.0-py3-none-any.whl","url":"../../b/flask-3.0.0-py3-none-any.whl#x","hashes":{"sha256":"` + sum1 + `"},"requires-python":">=3.8","upload-time":"2023-09-30T14:36:12Z","yanked":false,"core-metadata":{"sha256":"` + sum0 + `"}},
 {"filename":"flask-3.0.0.tar.gz","url":"/c/flask-3.0.0.tar.gz","hashes":{},"upload-time":"2023-09-30T14:36:10Z","core-metadata":true},
 {"filename":"Flask-0.1.exe","url":"https://files.test/x.exe","hashes":{}},
 {"filename":"other-1.0.tar.gz","url":"https://files.test/o","hashes":{}},
 {"filename":"flask-4.0.tar.gz","url":"file:///etc/passwd","hashes":{}}
]}`

const theirHTML = `<!DOCTYPE html><html><head><meta name="pypi:repository-version" content="1.4"></head><body><h1>Links</h1>
<a href="https://files.test/a/Flask-0.1.tar.gz#sha256=` + sum0 + `" data-yanked="broken">Flask-0.1.tar.gz</a><br/>
<a href="../../b/flask-3.0.0-py3-none-any.whl#sha256=` + sum1 + `" data-requires-python="&gt;=3.8" data-core-metadata="sha256=` + sum0 + `" data-dist-info-metadata="sha256=` + sum1 + `">flask-3.0.0-py3-none-any.whl</a>
<a href="/c/flask-3.0.0.tar.gz">flask-3.0.0.tar.gz</a></body></html>`

func readTheirs(t testing.TB, kind, doc string) (string, error) {
	t.Helper()
	pkg, err := readPublic(format.Document{
		ReaderAt: strings.NewReader(doc), Size: int64(len(doc)), URL: "https://index.test/simple/flask/", ContentType: kind,
	}, flask)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for v, err := range pkg.Versions {
		if err != nil {
			return "", err
		}
		for _, a := range v.Assets {
			fmt.Fprintf(&b, "%s %s %s size=%d sha256=%.4s at=%d companion=%v %s\n", v.Version, a.Name, a.URL, a.Size, a.Sums.SHA256, max(a.At.Unix(), 0), a.Companion, a.Manifest)
		}
	}
	return b.String(), nil
}

func TestAPublicPageIsRead(t *testing.T) {
	for kind, test := range map[string]struct{ doc, want string }{
		jsonV1: {theirJSON, `0.1 Flask-0.1.tar.gz https://files.test/a/Flask-0.1.tar.gz size=9168 sha256=0000 at=1271428177 companion=false {"yanked":"broken"}
3.0.0 flask-3.0.0-py3-none-any.whl https://index.test/b/flask-3.0.0-py3-none-any.whl size=-1 sha256=1111 at=1696084572 companion=false {"requires-python":">=3.8","core-metadata":"` + sum0 + `"}
3.0.0 flask-3.0.0-py3-none-any.whl.metadata https://index.test/b/flask-3.0.0-py3-none-any.whl.metadata size=-1 sha256=0000 at=1696084572 companion=true 
3.0.0 flask-3.0.0.tar.gz https://index.test/c/flask-3.0.0.tar.gz size=-1 sha256= at=1696084570 companion=false {}
`},
		textHTML + "; charset=utf-8": {theirHTML, `0.1 Flask-0.1.tar.gz https://files.test/a/Flask-0.1.tar.gz size=-1 sha256=0000 at=0 companion=false {"yanked":"broken"}
3.0.0 flask-3.0.0-py3-none-any.whl https://index.test/b/flask-3.0.0-py3-none-any.whl size=-1 sha256=1111 at=0 companion=false {"requires-python":">=3.8","core-metadata":"` + sum0 + `"}
3.0.0 flask-3.0.0-py3-none-any.whl.metadata https://index.test/b/flask-3.0.0-py3-none-any.whl.metadata size=-1 sha256=0000 at=0 companion=true 
3.0.0 flask-3.0.0.tar.gz https://index.test/c/flask-3.0.0.tar.gz size=-1 sha256= at=0 companion=false {}
`},
	} {
		if got, err := readTheirs(t, kind, test.doc); err != nil || got != test.want {
			t.Errorf("%s: %v, got\n%s\nwant\n%s", kind, err, got, test.want)
		}
	}
}

func TestWhatIsNoPublicPageIsRefused(t *testing.T) {
	for _, test := range [][2]string{
		{textHTML, "<!DOCTYPE html><title>Welcome</title><p>Accept our terms"},
		{textHTML, ""},
		{jsonV1, theirHTML},
		{jsonV1, theirJSON[:len(theirJSON)/2]},
		{jsonV1, `{"name":"django","files":[]}`},
		{jsonV1, `{"name":"flask"}`},
		{jsonV1, `{"name":"flask","files":{}}`},
		{jsonV1, `[]`},
		{"application/zip", theirJSON},
	} {
		if got, err := readTheirs(t, test[0], test[1]); !larder.Invalid.Is(err) {
			t.Errorf("%s %.40s: got %s %v, want %v", test[0], test[1], got, err, larder.Invalid)
		}
	}
	if got, err := readTheirs(t, jsonV1, `{"name":"flask","files":[]}`); err != nil || got != "" {
		t.Errorf("a project without files: got %q %v", got, err)
	}
}

func FuzzReadPublic(f *testing.F) {
	f.Add(jsonV1, theirJSON)
	f.Add(textHTML, theirHTML)
	f.Fuzz(func(t *testing.T, kind, doc string) {
		readTheirs(t, kind, doc) //nolint:errcheck // that it returns is the point
	})
}
