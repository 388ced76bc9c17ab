package npm

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// fail writes an error the way the clients print it: npm, yarn and bun show
// the member error, pnpm the whole body.
func fail(w http.ResponseWriter, _ *http.Request, e *larder.Error) {
	format.Fail(w, e, jsonType, string(encode(map[string]string{"error": e.Message})))
}
