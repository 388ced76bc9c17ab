package larder_test

import (
	"testing"

	"larder.example/larder"
)

// The ARN of a package group holds its pattern, escaped so that it is no
// pattern of a policy [guide].
func TestTheARNOfAPackageGroupLeadsBackToItsPattern(t *testing.T) {
	d := larder.DomainRef{Owner: "111122223333", Name: "team"}
	for pattern, want := range map[string]string{
		"/*":                "/%2a",
		"/npm/acme/*":       "/npm/acme/%2a",
		"/npm/acme/ui$":     "/npm/acme/ui%24",
		"/npm/acme/any~":    "/npm/acme/any~",
		"/npm/100%25/%2a$":  "/npm/100%2525/%252a%24",
		"/npm/a%b%%c:?/x~":  "/npm/a%25b%25%25c:?/x~",
		"/generic/\u00e4/*": "/generic/\u00e4/%2a",
	} {
		got := larder.PackageGroupRef{Domain: d, Pattern: pattern}.ARN("us-east-1")
		if want := larder.ARN("arn:aws:codeartifact:us-east-1:111122223333:package-group/team" + want); got != want {
			t.Errorf("%s: got %s, want %s", pattern, got, want)
		}
		p, ok := got.Parts()
		if !ok || p.Kind != "package-group" || p.Pattern != pattern || p.Repository.Domain != d || p.Repository.Name != "" {
			t.Errorf("%s: got %+v, %v", got, p, ok)
		}
	}
}
