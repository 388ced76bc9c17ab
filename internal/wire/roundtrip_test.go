package wire_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	"larder.example/larder/internal/wire"
)

// What a client sends is what the handler gets, and what the handler answers
// is what the client gets, for every operation.
func TestEveryOperationSurvivesTheWire(t *testing.T) {
	for _, s := range services() {
		t.Run(s.name, func(t *testing.T) {
			mux := &wire.Mux{Protocol: s.protocol}
			server := httptest.NewServer(mux)
			t.Cleanup(server.Close)
			base, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			client := &wire.Client{Base: base, Protocol: s.protocol, HTTP: server.Client()}
			f := newFiller(t, s)
			var got string
			var answer reflect.Value
			s.each(func(op wire.Info, in, out reflect.Type) {
				mux.HandleTypes(op, in, out, func(_ context.Context, in any) (any, error) {
					got = dump(reflect.ValueOf(in).Elem())
					return answer.Interface(), nil
				})
			})
			s.each(func(op wire.Info, in, out reflect.Type) {
				t.Run(op.Name, func(t *testing.T) {
					for seed := range uint64(6) {
						// Two of each, because a stream can be read only once.
						question, want := f.fill(seed, in), f.fill(seed, in)
						answer = f.fill(seed, out)
						wantAnswer, gotAnswer := f.fill(seed, out), reflect.New(out)
						if err := client.CallTypes(t.Context(), op, question.Elem(), gotAnswer.Elem()); err != nil {
							t.Fatalf("seed %d: %v", seed, err)
						}
						if want := dump(want.Elem()); got != want {
							t.Errorf("seed %d: got the input\n%s, want\n%s", seed, got, want)
						}
						if got, want := dump(gotAnswer.Elem()), dump(wantAnswer.Elem()); got != want {
							t.Errorf("seed %d: got the output\n%s, want\n%s", seed, got, want)
						}
					}
				})
			})
		})
	}
}
