package testenv

import (
	"errors"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/wire"
)

// OK makes a call that must succeed.
func OK[In, Out any](t testing.TB, c *client.Client, op wire.Op[In, Out], in *In) *Out {
	t.Helper()
	out, err := client.Call(t.Context(), c, op, in)
	if err != nil {
		t.Fatalf("%s: %v", op.Name, err)
	}
	return out
}

// Refused makes a call that must fail with an error of that code, and returns
// what it failed with.
func Refused[In, Out any](t testing.TB, c *client.Client, op wire.Op[In, Out], in *In, code string) Refusal {
	t.Helper()
	out, err := client.Call(t.Context(), c, op, in)
	if err == nil {
		t.Fatalf("%s: got %+v, want %s", op.Name, out, code)
	}
	r := RefusalOf(err)
	if r.Code != code {
		t.Fatalf("%s: got %s: %v, want %s", op.Name, r.Code, err, code)
	}
	return r
}

// Refusal is a failure as a client saw it. What the service did not say is
// empty.
type Refusal struct {
	Code, Message            string
	Status                   int
	Reason                   string // of a ValidationException
	ResourceType, ResourceID string
}

// RefusalOf returns what a call failed with; nothing if it did not.
func RefusalOf(err error) Refusal {
	if err == nil {
		return Refusal{}
	}
	e := larder.AsError(err)
	r := Refusal{Code: e.Code, Message: e.Message, ResourceType: e.Resource, ResourceID: e.ID}
	var f *wire.Fault
	if errors.As(err, &f) {
		r.Status = f.Status
		r.Reason, _ = wire.First(f.Details, "reason")
	}
	return r
}
