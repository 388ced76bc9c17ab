package generic

import (
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Format is the generic format.
var Format = format.Format{
	Name: larder.Generic,
	Names: format.Names{
		Canonical: canonical,
		Asset:     asset,
		Compare:   strings.Compare,
	},
	Grows: format.WhileUnfinished,
	Alone: true, // as CodeArtifact has it
	Fail:  fail,
}

// fail answers what asks the endpoint for anything: it has nothing but
// refusals to give.
func fail(w http.ResponseWriter, _ *http.Request, e *larder.Error) {
	format.Fail(w, e, "text/plain; charset=utf-8", e.Message+"\n")
}
