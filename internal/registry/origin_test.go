package registry_test

import (
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/registry"
)

// A name that was published here is not looked for outside: nobody there can
// pass off another package as ours.
func TestPublishedNamesAreNotFetchedFromOutside(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:once", "99.0.0", files{theAsset: "evil"})
	v.lay("app: store; store: @public:once")
	v.must(v.publish(v.of("app", once, "1.0.0"), "ours"))
	v.shows(v.pkg(once, "thing"), "1.0.0=Published")
	v.holds(v.of("app", once, "99.0.0"), theAsset, "-")
	v.opens("app", once)
	v.shows(v.pkg(once, "thing"), "1.0.0=Published 99.0.0=Published")
}

func TestWhatUpstreamsHaveCannotBePublished(t *testing.T) {
	for _, tt := range []struct {
		what string
		with func(*env, *world)
		want string // the kind of the refusal; empty: none
	}{
		{"outside has it", func(*env, *world) {}, "Conflict"},
		{"outside has another version", func(_ *env, w *world) {
			clear(w.pkgs)
			w.has("public:once", "2", files{theAsset: "x"})
		}, ""},
		{"outside does not answer", func(_ *env, w *world) { w.down = true }, ""},
		{"it was retained", func(v *env, _ *world) {
			v.holds(v.of("app", once, "1"), theAsset, "outside")
			v.opens("app", once)
		}, "Conflict"},
		{"its package blocks publishing, as one that came from outside does", func(v *env, w *world) {
			v.holds(v.of("app", once, "1"), theAsset, "outside")
			deleteVersion(v, "app", once)
			deleteVersion(v, "store", once)
			clear(w.pkgs)
		}, "Denied"},
		{"its package blocks upstreams", func(v *env, _ *world) { blockUpstream(v, "app", once) }, ""},
		{"an upstream of the domain has it, archived", func(v *env, w *world) {
			clear(w.pkgs)
			v.must(v.publish(v.of("lib", once, "1"), "x"))
			v.setStatus(v.of("lib", once, "1"), larder.Archived)
		}, "Conflict"},
		{"it was published here before the upstream had it", func(v *env, w *world) {
			had := w.pkgs["public:once thing"]
			clear(w.pkgs)
			v.must(v.publish(v.of("app", once, "1"), "mine"))
			v.opens("app", once)
			w.pkgs["public:once thing"] = had
		}, ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			v := fresh(t)
			w := v.outside()
			w.has("public:once", "1", files{theAsset: "outside"})
			v.lay("app: lib store; lib:; store: @public:once")
			tt.with(v, w)
			err := v.publish(v.of("app", once, "1"), "mine")
			if got := ""; err != nil {
				got = larder.AsError(err).Kind.String()
				if got != tt.want {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			} else if tt.want != "" {
				t.Errorf("was published, want %s", tt.want)
			}
		})
	}
}

// Origin controls may be put on a package that is not there, and decide in
// the repository that they are of and for who asks through it.
func TestOriginControlsDecideWhereTheyAre(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:once", "1", files{theAsset: "outside"})
	v.lay("app: mid; mid: store; store: @public:once")
	for _, at := range []string{"app", "mid", "store"} {
		blockUpstream(v, at, once)
		v.shows(v.pkg(once, "thing"), "-")
		v.holds(v.of("app", once, "1"), theAsset, "-")
		v.opens(at, once)
		v.shows(v.pkg(once, "thing"), "1=Published")
	}
	list, err := v.ListPackages(v.ctx, v.app, registry.PackageQuery{Upstream: "ALLOW", Limit: 10})
	v.must(err)
	if len(list) != 1 {
		t.Errorf("got %d packages, want the one without versions", len(list))
	}
	v.holds(v.of("app", once, "1"), theAsset, "outside")
	v.keeps("app", once, "1=file.bin")
}
