package registry_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

// filled is a registry with two repositories of what a mirror has: published,
// retained, known, archived, tagged.
func filled(t *testing.T) *env {
	v := fresh(t)
	w := v.outside()
	w.has("public:growing", "1", files{"a": "A", "b": "BB", "a.about": "abstract"})
	v.lay("app: store; store: @public:growing")
	v.holds(v.of("app", growing, "1"), "b", "BB")
	v.published(once, "thing", "1", "2", "3")
	setTag(v, "app", "latest", "2")
	v.setStatus(v.of("app", once, "3"), larder.Archived)
	return v
}

func (v *env) exported(names ...string) []byte {
	v.Helper()
	var refs []larder.RepositoryRef
	for _, name := range names {
		refs = append(refs, v.repo(name))
	}
	var b bytes.Buffer
	_, err := v.Export(v.ctx, &b, refs)
	v.must(err)
	return b.Bytes()
}

func TestWhatIsExportedCanBeImportedElsewhere(t *testing.T) {
	archive := filled(t).exported("app", "store")
	onEngines(t, func(v *env) {
		for round := range 2 { // the second time all of it is there
			counts, err := v.Import(v.ctx, bytes.NewReader(archive), v.app.Domain)
			v.must(err)
			if want := (registry.Counts{Repositories: 2, Packages: 3, Versions: 5, Files: 4, Bytes: 23}); counts != want {
				t.Errorf("round %d: got %+v, want %+v", round, counts, want)
			}
			v.shows(v.pkg(once, "thing"), "1=Published 2=Published latest>2")
			v.shows(v.pkg(growing, "thing"), "1=Published")
			v.holds(v.of("app", growing, "1"), "b", "BB")
			v.holds(v.of("app", once, "2"), theAsset, "thing 2")
			v.keeps("app", once, "1=file.bin 2=file.bin 3=file.bin")
			v.keeps("app", growing, "1=(a)+b")
			v.keeps("store", growing, "1=(a)+b")
			v.looks("store", "", "public:growing")
			v.weighs(23)
		}
		d, err := v.DescribePackage(v.ctx, v.pkg(growing, "thing"))
		v.must(err)
		if want := (registry.OriginControls{Publish: "BLOCK", Upstream: "ALLOW"}); d.Origin != want {
			t.Errorf("origin controls: got %v, want %v", d.Origin, want)
		}
		v.outside().has("public:growing", "1", files{"a": "A"})
		v.holds(v.of("app", growing, "1"), "a", "A") // what was only known can be fetched here
	})
}

// A second archive brings the bytes of what was only known, and leaves what
// there is otherwise.
func TestImportsAddToWhatIsThere(t *testing.T) {
	from := filled(t)
	first := from.exported("app")
	from.holds(from.of("app", growing, "1"), "a", "A")
	second := from.exported("app")
	to := fresh(t)
	to.must(to.publish(to.of("app", once, "1"), "mine"))
	for _, archive := range [][]byte{first, second} {
		_, err := to.Import(to.ctx, bytes.NewReader(archive), to.app.Domain)
		to.must(err)
	}
	to.keeps("app", growing, "1=a+b")
	to.holds(to.of("app", growing, "1"), "a", "A")
	to.holds(to.of("app", once, "1"), theAsset, "mine")
	to.holds(to.of("app", once, "2"), theAsset, "thing 2")
}

// What package groups keep out where an archive comes from they keep out where
// it goes to: else its packages, which leave that to the groups, would be open.
func TestPackageGroupsGoWithAnExport(t *testing.T) {
	from := filled(t)
	if archive := from.exported("app"); !bytes.Contains(archive, []byte(`"format":1,`)) {
		t.Error("an export without package groups cannot be read by programs that know none")
	}
	from.lay("lib:")
	from.restrict("/*", "EXTERNAL_UPSTREAM=BLOCK")
	from.restrict("/once/*", "PUBLISH="+specific+"+app+lib")
	archive := from.exported("app")
	for _, tt := range []struct {
		what, groups string // that are there before: of /once/*
		root         string // and of the root
		want         string
	}{
		{"nothing", "", "", "BLOCK SOME 1"},
		{"a group and a root that somebody touched", "PUBLISH=BLOCK", "INTERNAL_UPSTREAM=BLOCK", "ALLOW BLOCK 0"},
	} {
		to := fresh(t)
		if tt.groups != "" {
			to.restrict("/once/*", tt.groups)
			to.restrict("/*", tt.root)
		}
		_, err := to.Import(to.ctx, bytes.NewReader(archive), to.app.Domain)
		to.must(err)
		root, err := to.DescribePackageGroup(to.ctx, to.groupRef("/*"))
		to.must(err)
		g, err := to.DescribePackageGroup(to.ctx, to.groupRef("/once/*"))
		to.must(err)
		publish := g.Restrictions[meta.Publish]
		got := fmt.Sprintf("%s %s %d", root.Modes[meta.ExternalUpstream], publish.Mode, publish.Repositories)
		if got := strings.ReplaceAll(got, specific, "SOME"); got != tt.want {
			t.Errorf("where there was %s: got %s, want %s", tt.what, got, tt.want)
		}
	}
}

// An archive that is not whole, or not what was written, changes nothing.
func TestArchivesThatAreNotWholeAreRefused(t *testing.T) {
	from := filled(t)
	whole := from.exported("app")
	changed := bytes.Clone(whole)
	changed[bytes.Index(changed, []byte("thing 2"))] = 'T'
	other := bytes.Replace(bytes.Clone(whole), []byte(`"publish":"BLOCK"`), []byte(`"publish":"ALLOW"`), 1)
	end := bytes.Index(whole, []byte("end.json"))
	for what, archive := range map[string][]byte{
		"nothing":                  nil,
		"no tar":                   []byte("hello, this is no archive at all"),
		"no end":                   append(bytes.Clone(whole[:end]), make([]byte, 1024)...),
		"cut off":                  whole[:len(whole)/2],
		"a changed file":           changed,
		"another package":          other,
		"something behind its end": append(bytes.Clone(whole[:len(whole)-1024]), whole...),
	} {
		to := fresh(t)
		_, err := to.Import(to.ctx, bytes.NewReader(archive), to.app.Domain)
		to.refused(what, err, larder.Invalid)
		list, err := to.ListPackages(to.ctx, to.app, registry.PackageQuery{Limit: 10})
		to.must(err)
		if len(list) != 0 || to.blobs() != 0 {
			t.Errorf("%s: left %d packages and %d blobs", what, len(list), to.blobs())
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte("header.json"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		v := &registry.Registry{}
		if _, err := v.Import(t.Context(), bytes.NewReader(archive), larder.DomainRef{}); !larder.Invalid.Is(err) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}
