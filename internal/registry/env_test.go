package registry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/blob/dir"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/meta/sqlite"
	"larder.example/larder/internal/registry"
	pgtest "larder.example/larder/internal/testenv/postgres"
)

const (
	account = "111122223333"
	region  = "us-east-1"
)

// The formats of the tests differ in how their versions grow, and in what can
// be known of them from outside.
const (
	once     larder.Format = "once"     // never
	drafted  larder.Format = "drafted"  // while unfinished; never served through upstreams
	growing  larder.Format = "growing"  // always
	named    larder.Format = "named"    // always; no index lists its files
	theAsset               = "file.bin" // the asset of a version, where one will do
)

// env is a registry with an account, a domain, a repository and its root as
// the caller.
type env struct {
	*testing.T
	*registry.Registry
	ctx     context.Context // of root
	clock   *clock
	blobDir string
	app     larder.RepositoryRef
	changed *changes
}

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// changes is what the registry told of.
type changes struct {
	mu  sync.Mutex // guards all
	all []string
}

func (c *changes) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := strings.Join(c.all, " ")
	c.all = nil
	return said
}

// engines are the databases that the registry's rules must hold on.
var engines = []struct {
	name   string
	engine meta.Engine
	dsn    func(testing.TB) string
}{
	{"sqlite", sqlite.Engine{}, func(t testing.TB) string { return filepath.Join(t.TempDir(), "meta.db") }},
	{"postgres", postgres.Engine{}, pgtest.DSN},
}

// onEngines runs a test on each engine.
func onEngines(t *testing.T, test func(*env)) {
	t.Helper()
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) { test(open(t, e.engine, e.dsn(t))) })
	}
}

// fresh returns a registry on SQLite.
func fresh(t *testing.T) *env {
	t.Helper()
	return open(t, engines[0].engine, engines[0].dsn(t))
}

func open(t *testing.T, engine meta.Engine, dsn string) *env {
	t.Helper()
	v := &env{
		T: t, clock: &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)},
		blobDir: filepath.Join(t.TempDir(), "blobs"), changed: &changes{},
	}
	db, err := meta.Open(t.Context(), engine, dsn, nil)
	v.must(err)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := keyring.Open(keyring.Config{Dir: filepath.Join(t.TempDir(), "keys")}, v.clock.Now())
	v.must(err)
	id, err := identity.Open(t.Context(), identity.Options{DB: db, Keys: keys, Region: region, Now: v.clock.Now})
	v.must(err)
	if db.Shared() {
		v.follow(db, id)
	}
	_, err = id.CreateAccount(t.Context(), account)
	v.must(err)
	v.ctx = v.as(account)

	blobs, err := dir.Open(v.blobDir)
	v.must(err)
	v.Registry = &registry.Registry{
		DB: db, Blobs: blobs, Identity: id, Region: region, Now: v.clock.Now,
		Formats: map[larder.Format]*format.Format{
			once: {
				Name: once, Grows: format.Never, Source: &format.Source{Connections: []string{"public:once", "public:once2"}},
				Inspect: func(asset string, b io.ReaderAt, size int64) (format.Facts, error) {
					text, err := io.ReadAll(io.NewSectionReader(b, 0, size))
					return format.Facts{Name: asset, Summary: "says " + string(text), Readme: text}, err
				},
			},
			drafted: {Name: drafted, Grows: format.WhileUnfinished, Alone: true},
			growing: {Name: growing, Grows: format.Always, Source: &format.Source{Connections: []string{"public:growing"}}},
			named: {Name: named, Grows: format.Always, Source: &format.Source{
				Connections: []string{"public:named", "public:named2"}, ByName: true,
				File: func(_ string, a larder.AssetRef, _ *format.Asset) format.Request { return format.Request{URL: a.Name} },
			}},
		},
		Changed: func(p larder.PackageRef) {
			v.changed.mu.Lock()
			defer v.changed.mu.Unlock()
			v.changed.all = append(v.changed.all, p.String())
		},
	}
	v.app = v.makeRepository("app")
	return v
}

// follow keeps the only node of a shared database answering: one that does not
// look for some seconds stops. As a server does, it begins again where a look
// took longer than it may.
func (v *env) follow(db *meta.DB, id *identity.Service) {
	ctx, stop := context.WithCancel(context.WithoutCancel(v.Context()))
	var following sync.WaitGroup
	following.Go(func() {
		for ctx.Err() == nil {
			err := db.Follow(ctx, identity.LookEvery, func(ctx context.Context, tx *meta.Tx, _ meta.Hear) error {
				return id.Look(ctx, tx, func(context.Context) error { return nil })
			})
			if ctx.Err() == nil {
				v.Logf("follow the database: %v", err)
			}
		}
	})
	v.Cleanup(func() {
		stop()
		following.Wait()
	})
}

func (v *env) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

// makeRepository makes a repository in domain team, which it makes if need
// be.
func (v *env) makeRepository(name string) larder.RepositoryRef {
	v.Helper()
	d := larder.DomainRef{Owner: account, Name: "team"}
	if _, err := v.CreateDomain(v.ctx, registry.NewDomain{Ref: d}); err != nil && !larder.Conflict.Is(err) {
		v.Fatal(err)
	}
	r := larder.RepositoryRef{Domain: d, Name: name}
	_, err := v.CreateRepository(v.ctx, registry.NewRepository{Ref: r, Administrator: account})
	v.must(err)
	return r
}

// as returns a context of the principal with a unique ID.
func (v *env) as(id string) context.Context {
	return identity.WithCaller(v.Context(), identity.Caller{
		Principal: identity.Principal{Account: account, ID: id}, At: v.clock.Now(),
	})
}

// user makes a user who may do actions to everything, and returns a context
// of theirs.
func (v *env) user(name string, actions ...string) context.Context {
	v.Helper()
	u, err := v.Identity.CreateEntity(v.ctx, identity.Entity{EntityRef: identity.UserRef(account, name), Path: "/"})
	v.must(err)
	v.allow(name, actions...)
	return v.as(u.ID)
}

// allow lets a user do actions to everything and nothing else.
func (v *env) allow(name string, actions ...string) {
	v.Helper()
	if len(actions) == 0 {
		actions = []string{"codeartifact:ListDomains"}
	}
	v.must(v.Identity.PutInlinePolicy(v.ctx, identity.UserRef(account, name), identity.InlinePolicy{Name: "all", Document: fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":["%s"]}}`, strings.Join(actions, `","`))}))
}

func (v *env) pkg(f larder.Format, name string) larder.PackageRef {
	return larder.PackageRef{Repository: v.app, Format: f, Name: name}
}

func (v *env) version(f larder.Format, name, version string) larder.VersionRef {
	return larder.VersionRef{Package: v.pkg(f, name), Version: version}
}

// upload spools text; it goes with the test.
func (v *env) upload(text string) *registry.Upload {
	v.Helper()
	u, err := v.Upload(v.ctx, strings.NewReader(text))
	v.must(err)
	v.Cleanup(u.Discard)
	return u
}

// asset is a file with a text in it.
func (v *env) asset(name, text string) format.NewAsset {
	v.Helper()
	return format.NewAsset{Name: name, Upload: v.upload(text)}
}

// publish publishes a version whose one asset has a text in it.
func (v *env) publish(ref larder.VersionRef, text string) error {
	return publishText(v.ctx, v.Registry, ref, text)
}

// published publishes versions of a package, a minute apart, each with its
// name for content.
func (v *env) published(f larder.Format, name string, versions ...string) {
	v.Helper()
	for _, version := range versions {
		v.must(v.publish(v.version(f, name, version), name+" "+version))
		v.clock.advance(time.Minute)
	}
}

// read returns the content of an asset as clients are served it.
func read(ctx context.Context, r *registry.Registry, ref larder.VersionRef, name string) (string, error) {
	a, err := r.Asset(ctx, larder.AssetRef{Version: ref, Name: name})
	if err != nil {
		return "", err
	}
	content, err := r.Open(ctx, a)
	if err != nil {
		return "", err
	}
	defer content.Close()
	if content.Stored == nil {
		text, err := io.ReadAll(content.Coming)
		return string(text), err
	}
	text, err := io.ReadAll(content.Stored)
	return string(text), errors.Join(err, sound(text, content.Asset.Sums))
}

// sound says that text has not the sums that it should have.
func sound(text []byte, want format.Sums) error {
	s, err := blob.Spool(context.Background(), strings.NewReader(string(text)), nil)
	if err != nil {
		return err
	}
	if got := s.Sums().SHA256.String(); got != want.SHA256 {
		return fmt.Errorf("read bytes whose SHA-256 is %s, not %s", got, want.SHA256)
	}
	return nil
}

// holds checks the content of an asset; "-" is no such asset.
func (v *env) holds(ref larder.VersionRef, name, want string) {
	v.Helper()
	got, err := read(v.ctx, v.Registry, ref, name)
	if larder.NotFound.Is(err) {
		got, err = "-", nil
	}
	if got != want || err != nil {
		v.Errorf("%s of %s: got %q, %v, want %q", name, ref, got, err, want)
	}
}

// shows checks the versions that clients see of a package, as
// version=status, and its tags, as tag>version; "-" is no such package.
func (v *env) shows(p larder.PackageRef, want string) {
	v.Helper()
	pkg, err := v.Package(v.ctx, p)
	if larder.NotFound.Is(err) && want == "-" {
		return
	}
	v.must(err)
	var got []string
	for version, err := range pkg.Versions {
		v.must(err)
		got = append(got, version.Version+"="+string(version.Status))
	}
	for tag, version := range pkg.Tags {
		got = append(got, tag+">"+version)
	}
	slices.Sort(got)
	if got := strings.Join(got, " "); got != want {
		v.Errorf("%s: got %s, want %s", p, got, want)
	}
}

// weighs checks the size of the domain.
func (v *env) weighs(want int64) {
	v.Helper()
	d, _, err := v.DescribeDomain(v.ctx, v.app.Domain)
	v.must(err)
	if d.AssetBytes != want {
		v.Errorf("size of the domain: got %d, want %d", d.AssetBytes, want)
	}
}

// refused checks the kind of an error.
func (v *env) refused(what string, err error, want larder.Kind) {
	v.Helper()
	if !want.Is(err) {
		v.Errorf("%s: got %v, want %s", what, err, want)
	}
}

// setStatus gives a version any status, whatever the rules say.
func (v *env) setStatus(ref larder.VersionRef, s larder.Status) {
	v.Helper()
	v.must(v.DB.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := tx.Package(ctx, ref.Package)
		if err != nil {
			return err
		}
		x, _, err := tx.Version(ctx, p.ID, ref.Version)
		return errors.Join(err, tx.SetVersion(ctx, x.ID, x.Revision, s))
	}))
}
