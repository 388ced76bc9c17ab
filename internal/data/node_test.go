package data_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
	postgrestest "larder.example/larder/internal/testenv/postgres"
)

// What one node rendered goes when another changes the package, and who was
// forbidden something through one is forbidden it through the other at once.
// The nodes have the same keys.
func TestNodesShowWhatIsPublishedThroughOthers(t *testing.T) {
	dsn := postgrestest.DSN(t)
	first := testenv.New(t, func(c *config.Config) { c.Meta = dsn })
	second := testenv.New(t, func(c *config.Config) {
		c.Meta = dsn
		if err := os.CopyFS(filepath.Join(c.Data, "keys"), os.DirFS(filepath.Join(first.Dir, "keys"))); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"ring.json", "master.key"} {
			if err := os.Chmod(filepath.Join(c.Data, "keys", name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
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
}
