package registry_test

import (
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

// What a client fetches is kept by the repository that was asked, and by the
// one that has the external connection, with all the version's files; not by
// those between, and not for looking at the list.
func TestRetentionKeepsAVersionAtBothEnds(t *testing.T) {
	onEngines(t, func(v *env) {
		w := v.outside()
		w.has("public:growing", "1", files{"a": "A", "b": "BB", "a.about": "abstract"})
		w.has("public:growing", "2", files{"a": "A2"})
		w.tags["thing"] = map[string]string{"latest": "1", "next": "2"}
		v.lay("app: mid; mid: store; store: @public:growing")

		v.shows(v.pkg(growing, "thing"), "1=Published 2=Published latest>1 next>2")
		v.holds(v.of("app", growing, "1"), "a.about", "abstract")
		for _, r := range []string{"app", "mid", "store"} {
			v.keeps(r, growing, "-")
		}
		w.took()
		v.holds(v.of("app", growing, "1"), "b", "BB")
		if got := w.took(); got != "index of thing, file b" {
			t.Errorf("asked outside: got %s", got)
		}
		v.keeps("app", growing, "1=(a)+b")
		v.keeps("mid", growing, "-")
		v.keeps("store", growing, "1=(a)+b")
		v.weighs(2)

		// The second time nobody outside is asked, also for what is not an
		// asset that is listed.
		v.holds(v.of("app", growing, "1"), "b", "BB")
		if got := w.took(); got != "" {
			t.Errorf("asked outside: got %s", got)
		}
		v.holds(v.of("app", growing, "1"), "a", "A")
		v.keeps("app", growing, "1=a+b")
		v.keeps("store", growing, "1=(a)+b")
		w.took()
		v.holds(v.of("store", growing, "1"), "a", "A") // those bytes are here
		if got := w.took(); got != "" {
			t.Errorf("asked outside: got %s", got)
		}
		v.keeps("store", growing, "1=a+b")
		v.weighs(3)

		d, err := v.DescribePackage(v.ctx, v.pkg(growing, "thing"))
		v.must(err)
		if want := (registry.OriginControls{Publish: "BLOCK", Upstream: "ALLOW"}); d.Origin != want {
			t.Errorf("origin controls: got %v, want %v", d.Origin, want)
		}
		x, err := v.DescribePackageVersion(v.ctx, v.of("app", growing, "1"))
		v.must(err)
		if x.OriginConnection != "public:growing" || x.OriginRepository != "" || !x.PublishedAt.Equal(dawn) {
			t.Errorf("origin: got %q %q, published %s", x.OriginConnection, x.OriginRepository, x.PublishedAt)
		}
	})
}

// An index that has told of a version tells the same when the version is kept.
// Only where it does not answer is what is kept all that there is.
func TestWhatIsKeptOfWhatWasToldShowsTheSame(t *testing.T) {
	onEngines(t, func(v *env) {
		w := v.outside()
		w.has("public:growing", "1", files{"a": "A", "b": "BB"})
		w.has("public:named", "1", files{"a": "A"})
		v.lay("app: store; store: @public:growing; other: @public:named")
		saw := func(repository string, f larder.Format) (stamp, shows string) {
			p, err := v.Package(v.ctx, v.of(repository, f, "").Package)
			v.must(err)
			return p.Stamp, p.Shows
		}
		stamp, shows := saw("app", growing)
		v.changed.take()
		v.holds(v.of("app", growing, "1"), "a", "A")
		if got := v.changed.take(); got != "" {
			t.Errorf("told of a change of %s", got)
		}
		if s, now := saw("app", growing); s == stamp || now != shows {
			t.Errorf("with a version kept got stamp %s as before, shows %s, want %s", s, now, shows)
		}
		w.down = true
		_, alone := saw("app", growing)
		w.down = false
		if alone == shows {
			t.Error("what is kept alone shows what the index does")
		}
		if _, now := saw("app", growing); now != shows {
			t.Errorf("when the index answers again got %s, want %s", now, shows)
		}
		deleteVersion(v, "app", growing)
		if _, now := saw("app", growing); now == shows {
			t.Error("a package shows as before after a change of it")
		}

		v.known("named")
		_, shows = saw("other", named)
		v.changed.take()
		v.holds(v.of("other", named, "1"), "a", "A")
		if got := v.changed.take(); got == "" {
			t.Error("not told of a version of which an index does not tell what it has")
		}
		if _, now := saw("other", named); now == shows {
			t.Error("a version shows as before of which an index does not tell what it has")
		}
	})
}

func TestWhatIsRetainedStays(t *testing.T) {
	for what, lose := range map[string]func(*env, *world){
		"the public registry is down":     func(_ *env, w *world) { w.down = true },
		"the version is gone there":       func(_ *env, w *world) { clear(w.pkgs) },
		"the connection is gone":          func(v *env, _ *world) { v.must(disassociate(v, "store", "public:growing")) },
		"the upstream is gone":            func(v *env, _ *world) { deleteRepository(v, "store") },
		"the upstream is another":         func(v *env, _ *world) { v.lay("app: other") },
		"the upstream has deleted it":     func(v *env, _ *world) { deleteVersion(v, "store", growing) },
		"the upstream has archived it":    func(v *env, _ *world) { v.setStatus(v.of("store", growing, "1"), larder.Archived) },
		"upstreams are blocked meanwhile": func(v *env, _ *world) { blockUpstream(v, "app", growing) },
	} {
		t.Run(what, func(t *testing.T) {
			v := fresh(t)
			w := v.outside()
			w.has("public:growing", "1", files{"a": "A", "b": "BB"})
			w.tags["thing"] = map[string]string{"latest": "1"}
			v.lay("app: store; store: @public:growing; other:")
			v.holds(v.of("app", growing, "1"), "b", "BB")
			lose(v, w)
			v.holds(v.of("app", growing, "1"), "b", "BB")
			v.shows(v.pkg(growing, "thing"), "1=Published latest>1")
		})
	}
}

// What is only known yet is fetched by the address that was known, also
// without the upstream that it came through.
func TestKnownFilesAreFetchedWithoutTheUpstream(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:growing", "1", files{"a": "A", "b": "BB"})
	v.lay("app: store; store: @public:growing")
	v.holds(v.of("app", growing, "1"), "b", "BB")
	deleteRepository(v, "store")
	v.holds(v.of("app", growing, "1"), "a", "A")
	v.keeps("app", growing, "1=a+b")
	// And through the API, which asks the repository alone.
	w.has("public:growing", "2", files{"a": "A2", "b": "BB2"})
	v.lay("app: again; again: @public:growing")
	v.holds(v.of("app", growing, "2"), "b", "BB2")
	_, content, err := v.GetPackageVersionAsset(v.ctx, larder.AssetRef{Version: v.of("app", growing, "2"), Name: "a"}, "")
	v.must(err)
	v.must(content.Close())
	v.keeps("app", growing, "1=a+b 2=a+b")
}

func deleteRepository(v *env, name string) {
	v.Helper()
	_, err := v.DeleteRepository(v.ctx, v.repo(name))
	v.must(err)
}

func deleteVersion(v *env, repository string, f larder.Format) {
	v.Helper()
	_, err := v.DeletePackageVersions(v.ctx, v.of(repository, f, "").Package, registry.Selection{Versions: []string{"1"}})
	v.must(err)
}

func blockUpstream(v *env, repository string, f larder.Format) {
	v.Helper()
	v.must(v.PutPackageOriginConfiguration(v.ctx, v.of(repository, f, "").Package, registry.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}))
}

// What was published in the domain is retained by who fetches it and nobody
// else, and says where it came from.
func TestRetentionFromAnUpstreamOfTheDomain(t *testing.T) {
	v := fresh(t)
	v.lay("app: mid; mid: lib")
	v.must(v.publish(v.of("lib", once, "1"), "from lib"))
	setTag(v, "lib", "latest", "1")
	v.weighs(8)
	v.holds(v.of("app", once, "1"), theAsset, "from lib")
	v.keeps("app", once, "1=file.bin")
	v.keeps("mid", once, "-")
	v.weighs(8)
	deleteRepository(v, "lib")
	v.holds(v.of("app", once, "1"), theAsset, "from lib")
	v.shows(v.pkg(once, "thing"), "1=Published latest>1")
	x, err := v.DescribePackageVersion(v.ctx, v.of("app", once, "1"))
	v.must(err)
	if x.OriginRepository != "lib" || x.OriginConnection != "" {
		t.Errorf("origin: got %q %q", x.OriginRepository, x.OriginConnection)
	}
}

func TestStatusUpstreamDecidesWhatFlows(t *testing.T) {
	for status, want := range map[larder.Status]string{
		larder.Published: "from lib", larder.Unlisted: "from lib", larder.Archived: "-", larder.Unfinished: "-", larder.Disposed: "-",
	} {
		v := fresh(t)
		w := v.outside()
		w.has("public:once", "1", files{theAsset: "from outside"}) // is not fallen back to
		v.lay("app: lib store; store: @public:once")
		v.must(v.publish(v.of("lib", once, "1"), "from lib"))
		v.setStatus(v.of("lib", once, "1"), status)
		v.holds(v.of("app", once, "1"), theAsset, want)
	}
}

// Where versions grow, what was retained gains what its upstreams get, and
// what they say of its files, under the conditions of the guide.
func TestRetainedVersionsAreRefreshed(t *testing.T) {
	for what, c := range map[string]struct {
		meanwhile func(*env, *world)
		want      string // of b, which upstream gets later
		lists     string
	}{
		"nothing happened":       {func(*env, *world) {}, "B", "a(A') b(B)"},
		"the connection is gone": {func(v *env, _ *world) { v.must(disassociate(v, "store", "public:growing")) }, "-", "a(A)"},
		"the upstream is gone":   {func(v *env, _ *world) { v.lay("app: other") }, "-", "a(A)"},
		"upstreams are blocked":  {func(v *env, _ *world) { blockUpstream(v, "app", growing) }, "-", "a(A)"},
		"it is archived upstream": {
			func(v *env, _ *world) { v.setStatus(v.of("store", growing, "1"), larder.Archived) }, "-", "a(A)",
		},
		"it was published to": {func(v *env, _ *world) {
			blockUpstream(v, "app", growing)
			v.must(v.Publish(v.ctx, v.of("app", growing, "1"), format.Publication{Assets: []format.NewAsset{v.asset("c", "C")}}))
			v.opens("app", growing)
		}, "-", "a(A) c()"},
	} {
		t.Run(what, func(t *testing.T) {
			v := fresh(t)
			w := v.outside()
			w.has("public:growing", "1", files{"a": "A"})
			v.lay("app: store; store: @public:growing; other:")
			v.holds(v.of("app", growing, "1"), "a", "A")
			w.has("public:growing", "1", files{"a": "A'", "b": "B"})
			c.meanwhile(v, w)
			if got := listing(v, v.of("app", growing, "1")); got != c.lists {
				t.Errorf("lists: got %s, want %s", got, c.lists)
			}
			v.holds(v.of("app", growing, "1"), "b", c.want)
			v.holds(v.of("app", growing, "1"), "a", "A") // bytes stay what they were
		})
	}
}

// listing is what clients see of a version: its assets, each with what its
// index says of it.
func listing(v *env, ref larder.VersionRef) string {
	v.Helper()
	pkg, err := v.Package(v.ctx, ref.Package)
	v.must(err)
	said := ""
	for x, err := range pkg.Versions {
		v.must(err)
		if x.Version != ref.Version {
			continue
		}
		for _, a := range x.Assets {
			about := ""
			if len(a.Manifest) > 2 {
				about = string(a.Manifest[1 : len(a.Manifest)-1])
			}
			said += " " + a.Name + "(" + about + ")"
		}
	}
	return said[1:]
}

// A version whose files are replaced upstream, as a snapshot's are, is what it
// is upstream now; without the upstream it is what was retained.
func TestReplacedFilesAreThoseOfTheUpstream(t *testing.T) {
	v := fresh(t)
	v.lay("app: lib")
	ref := v.of("lib", growing, "1-SNAPSHOT")
	deploy := func(text string) {
		v.must(v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{v.asset("a", text)}, Replace: true}))
	}
	deploy("first")
	v.holds(v.of("app", growing, "1-SNAPSHOT"), "a", "first")
	v.changed.take()
	v.holds(v.of("app", growing, "1-SNAPSHOT"), "a", "first")
	if said := v.changed.take(); said != "" {
		t.Errorf("fetched again: told of changes of %s", said)
	}
	deploy("second")
	v.holds(v.of("app", growing, "1-SNAPSHOT"), "a", "second")
	deploy("third")
	deleteRepository(v, "lib")
	v.holds(v.of("app", growing, "1-SNAPSHOT"), "a", "second")
	v.weighs(6)
}

// Files that no index lists are found by asking for them, and one version is
// never made of what two public registries have.
func TestFilesFoundByNameComeFromOneOrigin(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:named", "1", files{"pom": "P"})
	w.has("public:named2", "1", files{"pom": "other", "jar": "J"})
	w.has("public:named2", "2", files{"pom": "P2"})
	v.lay("app: one two; one: @public:named; two: @public:named2")
	v.holds(v.of("app", named, "1"), "pom", "P")
	v.holds(v.of("app", named, "1"), "jar", "-")
	w.has("public:named", "1", files{"pom": "P", "jar": "J1"})
	v.holds(v.of("app", named, "1"), "jar", "J1")
	v.holds(v.of("app", named, "2"), "pom", "P2")
	v.keeps("app", named, "1=jar+pom 2=pom")
	v.keeps("one", named, "1=jar+pom")
	v.keeps("two", named, "2=pom")
}

// Only what a format serves through upstreams comes through them.
func TestAFormatMayStandAlone(t *testing.T) {
	v := fresh(t)
	v.lay("app: lib")
	v.must(v.publish(v.of("lib", drafted, "1"), "from lib"))
	v.shows(v.pkg(drafted, "thing"), "-")
	v.holds(v.of("app", drafted, "1"), theAsset, "-")
	v.must(v.publish(v.of("app", drafted, "1"), "from app")) // and is not guarded against
}

// A public registry that does not answer is not the same as one that has
// nothing.
func TestOutagesAreNoAbsence(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	v.lay("app: store; store: @public:once")
	v.shows(v.pkg(once, "thing"), "-")
	w.down = true
	_, err := v.Package(v.ctx, v.pkg(once, "thing"))
	v.refused("a package", err, larder.Unavailable)
	_, err = read(v.ctx, v.Registry, v.of("app", once, "1"), theAsset)
	v.refused("a file", err, larder.Unavailable)
	w.down = false
	_, err = v.Package(v.ctx, v.pkg(once, "thing"))
	v.refused("a package", err, larder.NotFound)
	w.has("public:once", "1", files{theAsset: "x"})
	pkg, err := v.Package(v.ctx, v.pkg(once, "thing"))
	v.must(err)
	if want := v.clock.Now().Add(time.Minute); !pkg.Until.Equal(want) {
		t.Errorf("holds until %s, want %s", pkg.Until, want)
	}
}

// What a version from outside says about itself is read when it is asked for.
func TestVersionsFromOutsideAreInspectedWhenTheyAreDescribed(t *testing.T) {
	onEngines(t, func(v *env) {
		w := v.outside()
		w.has("public:once", "1", files{theAsset: "hello"})
		v.lay("app: store; store: @public:once")
		v.holds(v.of("app", once, "1"), theAsset, "hello")
		for range 2 {
			d, err := v.DescribePackageVersion(v.ctx, v.of("app", once, "1"))
			v.must(err)
			if d.Facts.Summary != "says hello" || string(d.Readme) != "hello" {
				t.Errorf("got %+v, readme %q", d.Facts, d.Readme)
			}
		}
	})
}
