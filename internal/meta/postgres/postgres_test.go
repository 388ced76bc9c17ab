package postgres_test

import (
	"testing"

	"larder.example/larder/internal/meta/metatest"
	engine "larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/testenv/postgres"
)

func TestEngine(t *testing.T) {
	metatest.Run(t, engine.Engine{}, func(t *testing.T) string { return postgres.DSN(t) })
}
