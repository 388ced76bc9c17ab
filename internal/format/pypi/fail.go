package pypi

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// codeNotAcceptable is that of larder.Invalid for an Accept header that names
// nothing we can write.
const codeNotAcceptable = "NotAcceptable"

// fail writes an error as plain text: twine shows it with --verbose, poetry
// and uv as it is. twine, poetry and uv look in it for "already exists".
func fail(w http.ResponseWriter, _ *http.Request, e *larder.Error) {
	status := format.Status(e)
	if e.Code == codeNotAcceptable {
		status = http.StatusNotAcceptable
	}
	format.FailWith(w, status, e, "text/plain; charset=utf-8", e.Message+"\n")
}
