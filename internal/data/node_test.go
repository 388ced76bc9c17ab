package data_test

import (
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
	postgrestest "larder.example/larder/internal/testenv/postgres"
)

// What one node rendered goes when another changes the package, and who was
// forbidden something through one is forbidden it through the other at once.
// The nodes have the same master key and the same bytes.
func TestNodesShowWhatIsPublishedThroughOthers(t *testing.T) {
	dsn := postgrestest.DSN(t)
	first := testenv.New(t, func(c *config.Config) { c.Meta = dsn })
	second := testenv.New(t, func(c *config.Config) {
		c.Meta = dsn
		c.MasterKeyFile = filepath.Join(first.Dir, "keys", "master.key")
		c.Blob = filepath.Join(first.Dir, "blobs")
	})
	see := func(e *testenv.Env) *env {
		for _, s := range surfaces {
			if s.format == "npm" {
				return &env{Env: e, TB: t, surface: s, token: e.Token(e.Admin), base: e.Endpoint("npm")}
			}
		}
		t.Fatal("npm is not served")
		return nil
	}
	near, far := see(first), see(second)
	near.put("thing", "1.0.0", "one")
	far.until("the other node shows the package", func() bool { return far.get("thing").Status == 200 })
	near.put("thing", "2.0.0", "two")
	far.until("the other node shows the new version", func() bool { return strings.Contains(far.get("thing").Body, `"2.0.0"`) })

	token := near.allowed("reader", `{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*"}`)
	far.want(200, far.doAs(token, ask{method: "GET", path: "thing"}), "a token of the other node's")
	near.PutUserPolicy("reader", "no", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	far.want(403, far.doAs(token, ask{method: "GET", path: "thing"}), "what was forbidden through the other node")

	// What a package group lets in no more, the other node has forgotten.
	testenv.OK(t, first.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{
		Domain: testenv.Domain, Repository: "down", Upstreams: []codeartifact.UpstreamRepository{{RepositoryName: testenv.Repository}},
	})
	down := *far
	down.base = strings.Replace(far.base, "/"+testenv.Repository+"/", "/down/", 1)
	restrict := func(mode string) {
		testenv.OK(t, first.Admin, codeartifact.UpdatePackageGroupOriginConfiguration, &codeartifact.UpdatePackageGroupOriginConfigurationInput{
			Domain: testenv.Domain, PackageGroup: "/*", Restrictions: map[string]string{"INTERNAL_UPSTREAM": mode},
		})
	}
	for range 3 {
		down.want(200, down.get("thing"), "a package of an upstream")
		restrict("BLOCK")
		down.want(404, down.get("thing"), "a package that a group does not let in")
		restrict("ALLOW")
	}
}
