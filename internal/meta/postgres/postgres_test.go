package postgres_test

import (
	"net/url"
	"testing"

	"larder.example/larder/internal/meta/metatest"
	engine "larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/testenv/postgres"
)

func TestEngine(t *testing.T) {
	metatest.Run(t, engine.Engine{}, func(t *testing.T) string { return postgres.DSN(t) })
}

// As it is where there is a pooler.
func TestEngineThatPreparesNothing(t *testing.T) {
	metatest.Run(t, engine.Engine{}, func(t *testing.T) string {
		u, err := url.Parse(postgres.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("default_query_exec_mode", "exec")
		u.RawQuery = q.Encode()
		return u.String()
	})
}
