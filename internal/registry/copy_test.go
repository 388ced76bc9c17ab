package registry_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

// copied copies versions of "thing" and returns what became of each: its
// status or a code; a version that is in neither answer is not in it.
func (v *env) copied(f larder.Format, from, to, versions string, set func(*registry.Copy)) string {
	v.Helper()
	c := registry.Copy{From: v.of(from, f, "").Package, To: v.repo(to), Selection: registry.Selection{Versions: strings.Fields(versions)}}
	if set != nil {
		set(&c)
	}
	b, err := v.CopyPackageVersions(v.ctx, c)
	if err != nil {
		return larder.AsError(err).Kind.String()
	}
	all := map[string]string{}
	for name, x := range b.Done {
		all[name] = string(x.Status)
	}
	for name, x := range b.Failed {
		all[name] = x.Code
	}
	var said []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		said = append(said, name+":"+all[name])
	}
	return strings.Join(said, " ")
}

func TestCopies(t *testing.T) {
	fromUpstream := func(c *registry.Copy) { c.FromUpstream = true }
	overwrite := func(c *registry.Copy) { c.Overwrite = true }
	onEngines(t, func(v *env) {
		w := v.outside()
		w.has("public:once", "9", files{theAsset: "nine"})
		v.lay("dev: lib; lib: store; store: @public:once; prod:; other:")
		for _, r := range []string{"dev", "lib"} {
			v.opens(r, once)
		}
		v.must(v.publish(v.of("dev", once, "1"), "one"))
		v.must(v.publish(v.of("dev", once, "2"), "two"))
		v.must(v.publish(v.of("lib", once, "3"), "three"))
		setTag(v, "dev", "latest", "2")
		setTag(v, "dev", "old", "1")
		v.weighs(11)

		for _, tt := range []struct {
			what, from, to, versions string
			set                      func(*registry.Copy)
			want                     string
		}{
			{"two", "dev", "prod", "1 2", nil, "1:Published 2:Published"},
			{"what is there already", "dev", "prod", "1 2", nil, ""},
			{"named twice", "dev", "other", "1 1", nil, "1:Published"},
			{"one that is not there fails all", "dev", "lib", "1 7", nil, "1:SKIPPED 7:NOT_FOUND"},
			{"another's version, not asked for", "dev", "prod", "3", nil, "3:NOT_FOUND"},
			{"another's version", "dev", "prod", "3", fromUpstream, "3:Published"},
			{"from outside", "dev", "prod", "9", fromUpstream, "9:Published"},
			{"a revision that is not the present one", "dev", "lib", "1", func(c *registry.Copy) {
				c.Revisions = map[string]string{"1": "x"}
			}, "1:MISMATCHED_REVISION"},
			{"to itself", "dev", "dev", "1", nil, "Invalid"},
			{"from where it is not", "other", "prod", "2", nil, "2:NOT_FOUND"},
			{"from nowhere", "none", "prod", "2", nil, "NotFound"},
			{"to nowhere", "dev", "none", "2", nil, "NotFound"},
		} {
			if got := v.copied(once, tt.from, tt.to, tt.versions, tt.set); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.what, got, tt.want)
			}
		}
		v.weighs(15)
		v.shows(v.of("prod", once, "").Package, "1=Published 2=Published 3=Published 9=Published latest>2 old>1")
		v.holds(v.of("prod", once, "9"), theAsset, "nine")
		v.keeps("store", once, "9=file.bin")
		v.keeps("dev", once, "1=file.bin 2=file.bin 9=file.bin")
		for repository, want := range map[string]string{"prod": "dev", "dev": "dev"} {
			x, err := v.DescribePackageVersion(v.ctx, v.of(repository, once, "1"))
			v.must(err)
			if x.OriginRepository != want || x.Retained {
				t.Errorf("origin in %s: got %q", repository, x.OriginRepository)
			}
		}

		v.must(v.publish(v.of("other", once, "2"), "another two"))
		if got, want := v.copied(once, "dev", "other", "1 2", nil), "2:ALREADY_EXISTS"; got != want {
			t.Errorf("other content: got %q, want %q", got, want)
		}
		v.holds(v.of("other", once, "2"), theAsset, "another two")
		if got, want := v.copied(once, "dev", "other", "1 2", overwrite), "2:Published"; got != want {
			t.Errorf("overwritten: got %q, want %q", got, want)
		}
		v.holds(v.of("other", once, "2"), theAsset, "two")
		v.weighs(15)

		v.setStatus(v.of("dev", once, "1"), larder.Disposed)
		if got, want := v.copied(once, "dev", "store", "1", nil), "1:NOT_ALLOWED"; got != want {
			t.Errorf("disposed: got %q, want %q", got, want)
		}
	})
}

// Origin controls of a package that a copy made are those of where its
// version came from first, and those of one that is there are no hindrance.
func TestCopiesAndOriginControls(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:once", "9", files{theAsset: "nine"})
	v.lay("dev: store; store: @public:once; prod:; third: store2; store2: @public:once2; patch:")
	v.holds(v.of("dev", once, "9"), theAsset, "nine")
	v.must(v.publish(v.of("patch", once, "9.1"), "patched"))
	for _, c := range []struct{ from, to, versions, want string }{
		{"dev", "prod", "9", "{BLOCK ALLOW}"},
		{"patch", "third", "9.1", "{ALLOW BLOCK}"},
		{"patch", "prod", "9.1", "{BLOCK ALLOW}"},
	} {
		v.copied(once, c.from, c.to, c.versions, nil)
		d, err := v.DescribePackage(v.ctx, v.of(c.to, once, "").Package)
		v.must(err)
		if got := "{" + d.Origin.Publish + " " + d.Origin.Upstream + "}"; got != c.want {
			t.Errorf("%s to %s: got %s, want %s", c.from, c.to, got, c.want)
		}
	}
	v.shows(v.of("prod", once, "").Package, "9.1=Published 9=Published")
}

// A version that grows is copied with all its files, also those that nobody
// has fetched yet.
func TestCopiesOfVersionsWithManyFiles(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:growing", "1", files{"a": "A", "b": "B", "a.about": "abstract"})
	v.lay("dev: store; store: @public:growing; prod:")
	v.holds(v.of("dev", growing, "1"), "a", "A")
	v.copied(growing, "dev", "prod", "1", nil)
	v.keeps("prod", growing, "1=a+(b)")
	v.holds(v.of("prod", growing, "1"), "b", "B")
	v.holds(v.of("prod", growing, "1"), "a.about", "abstract")
	v.opens("store", growing)
	v.must(v.Publish(v.ctx, v.of("store", growing, "2"), format.Publication{Assets: []format.NewAsset{v.asset("c", "C")}}))
	if got, want := v.copied(growing, "dev", "prod", "2", func(c *registry.Copy) { c.FromUpstream = true }), "2:Published"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
