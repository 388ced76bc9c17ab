package maven

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Header values of answers.
const (
	plainText  = "text/plain; charset=utf-8"
	xmlType    = "application/xml; charset=utf-8"
	revalidate = "private, no-cache" // permissions are judged anew at each request
)

// fail writes an error as one line of text. Maven and Gradle show the status
// alone, curl and logs the line.
func fail(w http.ResponseWriter, _ *http.Request, e *larder.Error) {
	h := w.Header()
	for _, name := range checksumHeaders {
		h.Del(name)
	}
	format.Fail(w, e, plainText, e.Message+"\n")
}
