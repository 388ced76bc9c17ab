package data_test

import (
	"strings"
	"testing"

	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// What is asked about is what is served, however its path is spelled: nobody
// reads a repository, or publishes a package, that they may not.
func TestNoSpellingLeadsElsewhere(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.makeRepository("secret")
		secret := strings.Replace(e.base, "/app/", "/secret/", 1)
		elsewhere := *e
		elsewhere.base = secret
		publish := e.publish(e.TB, "treasure", "1.0.0", filler)
		e.want(e.published, elsewhere.do(publish), "publish the secret")
		e.put("open", "1.0.0", filler)

		arn := "arn:aws:codeartifact:us-east-1:" + e.Account
		bears := e.allowed("ada",
			`{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"`+arn+`:repository/team/app"}`,
			`{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"`+arn+`:package/team/app/`+string(e.format)+`/`+e.namespace+`/open"}`)
		root, repository := strings.TrimSuffix(e.base, "app/"), "app/"
		for _, path := range []string{
			root + "secret/" + e.index("treasure"),
			root + repository + "../secret/" + e.index("treasure"),
			root + repository + "%2e%2e/secret/" + e.index("treasure"),
			root + "app%2f..%2fsecret/" + e.index("treasure"),
			root + "app%2fsecret/" + e.index("treasure"),
			root + "%73ecret/" + e.index("treasure"),
			root + "secret%00/" + e.index("treasure"),
			root + "./secret/" + e.index("treasure"),
			root + "app/./../secret/" + e.index("treasure"),
			root + "app;/../secret/" + e.index("treasure"),
			root + "//secret//" + e.index("treasure"),
			"//" + strings.TrimPrefix(root, "/") + "secret/" + e.index("treasure"),
			root + "app/..%5csecret/" + e.index("treasure"),
			root + "app/" + e.index("..%2fsecret%2ftreasure"),
		} {
			for _, target := range []string{path, e.URL + path, "http://other.test" + path} {
				got := e.raw("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + bears + "\r\nConnection: close\r\n\r\n")
				if got.Status < 400 || strings.Contains(got.Body, "treasure-1.0.0") {
					e.Errorf("GET %s: got %d: %.100s", target, got.Status, got.Body)
				}
			}
		}

		for _, spelled := range []string{
			"closed", "clos%65d", "open%2f..%2fclosed", "open/../closed", "./closed", "/closed", "//closed",
			"open%2fclosed", "closed%00", "open%00closed", "closed/", "closed?open", "closed%3fopen", "%2e%2e%2fclosed", "CLOSED", "closed%20",
		} {
			a := e.publish(e.TB, "closed", "1.0.0", filler)
			a.path = strings.Replace(a.path, "closed", spelled, 1)
			got := e.doAs(bears, a)
			if got.Status < 400 {
				e.Errorf("publish to %s: got %d: %.100s", spelled, got.Status, got.Body)
			}
		}
		e.want(404, e.get(e.index("closed")), "the package that nobody may publish")
		allowed := e.publish(e.TB, "open", "1.1.0", filler)
		for _, spelled := range []string{"open", "%6fpen", "/open", "//open/"} {
			a := allowed
			a.path = strings.Replace(a.path, "open", spelled, 1)
			got := e.doAs(bears, a)
			e.want(e.published, got, "publish to "+spelled)
		}
	})
}

func TestThreatPathConfusionBetweenRepositories(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		for _, test := range []struct {
			path string
			want int
		}{
			{e.index("thing"), 200},
			{"/" + e.index("thing"), 200}, // gem and others double the slash
			{"///" + e.index("thing") + "/", 200},
			{"./" + e.index("thing"), 400},
			{"../app/" + e.index("thing"), 400},
			{"x/../" + e.index("thing"), 400},
			{"%2e%2e/" + e.index("thing"), 400},
			{e.index("thing") + "%00", 400},
			{e.index("thing") + "%ff", 400},
			{e.index("thing") + "%zz", 400},
			{e.index("thing") + "%", 400},
		} {
			// net/http's own client would mend some of these.
			got := e.raw("GET " + e.base + test.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + e.token + "\r\nConnection: close\r\n\r\n")
			e.want(test.want, got, test.path)
		}
	})
}

func TestUnknownFormatsAreNobodys(t *testing.T) {
	e := testenv.New(t)
	token := e.Token(e.Admin)
	for _, format := range []string{"generic", "none", "NPM", "maven"} {
		got := e.Do("GET", "/"+format+"/d/team-"+e.Account+"/app/thing", token, nil)
		if got.Status != 404 || strings.Contains(got.Body, "html") {
			t.Errorf("%s: got %d: %s", format, got.Status, got.Body)
		}
	}
}

// Both shapes of address lead to the same; links are of the one that is told.
func TestRepositoriesHaveTwoAddresses(t *testing.T) {
	const suffix = "larder.test"
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		domain := "team-" + e.Account
		host := domain + ".d.codeartifact.us-east-1." + suffix
		short := "/" + string(e.format) + "/app/" + e.index("thing")
		for _, test := range []struct {
			host, path string
			want       int
		}{
			{host, short, 200},
			{host + ":8484", short, 200},
			{host + ".", short, 200},
			{host + ".:8484", short, 200},
			{strings.ToUpper(host), short, 200},
			{host, "/" + string(e.format) + "/none/" + e.index("thing"), 404},
			{host, "/" + string(e.format) + "/d/" + domain + "/app/" + e.index("thing"), 404}, // of a repository d
			{"127.0.0.1", e.base + e.index("thing"), 200},
			{"127.0.0.1", short, 404},
			{"other-" + e.Account + ".d.codeartifact.us-east-1." + suffix, short, 401},
			{domain + ".d.codeartifact.eu-west-1." + suffix, short, 404},
			{"x." + host, short, 401},
			{"." + host, short, 401},
			{host + "x", short, 404},
		} {
			got := e.raw("GET " + test.path + " HTTP/1.1\r\nHost: " + test.host + "\r\nAuthorization: Bearer " + e.token + "\r\nConnection: close\r\n\r\n")
			e.want(test.want, got, test.host+test.path)
			if want := "http://" + domain + ".d.codeartifact.us-east-1." + suffix; test.want == 200 && !e.relative && !strings.Contains(got.Body, want) {
				e.Errorf("%s%s: the links are not below %s: %.300s", test.host, test.path, want, got.Body)
			}
		}
		absolute := e.raw("GET http://" + host + short + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + e.token + "\r\nConnection: close\r\n\r\n")
		e.want(200, absolute, "absolute form")
	}, func(c *config.Config) { c.HostSuffix = suffix })
}
