package npm

import (
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
)

func TestWhatIsAskedForNext(t *testing.T) {
	doc := func(latest string) string {
		return `{"name":"is-odd","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{"dependencies":{"old":"1"},"dist":{}},"2.0.0":` + strings.Replace(`{"dist":{},`+latest[1:], ",}", "}", 1) + `,"3.0.0":{"dependencies":{"new":"1"},"dist":{}}}}`
	}
	for latest, want := range map[string]string{
		`{}`: "",
		`{"dependencies":{"a":"^1","@s/b":"*"},"devDependencies":{"c":"1"},"optionalDependencies":{"d":"1"},"peerDependencies":{"e":">=1","f":"1","g":"1"},"peerDependenciesMeta":{"f":{"optional":true},"g":{"optional":false},"a":{"optional":true}}}`: "a @s/b e g",
		`{"dependencies":{"x":"npm:y@^1","z":"npm:@s/w@2","v":"npm:u"}}`:                                   "y @s/w u",
		`{"dependencies":{"a":"github:o/r","b":"o/r","c":"file:../c","d":"https://x.test/d.tgz","e":"1"}}`: "e",
		`{"dependencies":{"":"1","../a":"1",".b":"1","@/c":"1","@s/d/e":"1","f g":"1","ok":1}}`:            "ok",
		`{"dependencies":["a"],"peerDependenciesMeta":"b","peerDependencies":null}`:                        "",
	} {
		for _, text := range []string{doc(latest), indent(t, doc(latest))} {
			_, pkg, err := readTheirs(t, text, isOdd)
			if err != nil {
				t.Fatalf("%s: %v", latest, err)
			}
			all, err := next(pkg)
			if err != nil {
				t.Fatalf("%s: %v", latest, err)
			}
			var got []string
			for _, ref := range all {
				if ref.Format != larder.NPM || ref.Repository != isOdd.Repository {
					t.Errorf("%s: got %+v", latest, ref)
				}
				got = append(got, displayed(ref))
			}
			if !slices.Equal(got, strings.Fields(want)) {
				t.Errorf("%s: got %v, want %s", latest, got, want)
			}
		}
	}
}
