package identity_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/meta/sqlite"
)

const (
	region = "us-east-1"

	owner    = "111122223333" // owns the domain team with the repository app
	outsider = "444455556666"

	readAction = "codeartifact:ReadFromRepository"
)

var (
	team = larder.DomainRef{Owner: owner, Name: "team"}
	app  = larder.RepositoryRef{Domain: team, Name: "app"}

	// start is when every test begins.
	start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
)

// house is a service on SQLite in a directory of the test's.
type house struct {
	*identity.Service
	t     testing.TB
	db    *meta.DB
	keys  *keyring.Ring
	close func() // the database
	dir   string
	log   *bytes.Buffer
	later time.Duration // how long after start it is
}

// open makes the accounts owner and outsider, the domain and the repository.
func open(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir()}
	h.load()
	for _, id := range []string{owner, outsider} {
		if _, err := h.CreateAccount(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	h.createDomain(team, 1)
	h.createRepository(app, owner)
	return h
}

// load opens what is in the directory.
func (h *house) load() {
	h.t.Helper()
	s, err := h.reopen()
	if err != nil {
		h.t.Fatal(err)
	}
	h.Service = s
}

func (h *house) reopen() (*identity.Service, error) {
	ctx := h.t.Context()
	now := func() time.Time { return start.Add(h.later) }
	keys, err := keyring.Open(keyring.Config{Dir: filepath.Join(h.dir, "keys")}, start)
	if err != nil {
		h.t.Fatal(err)
	}
	db, err := meta.Open(ctx, sqlite.Engine{Now: now}, filepath.Join(h.dir, "meta.db"), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	h.log = &bytes.Buffer{}
	h.db, h.keys, h.close = db, keys, sync.OnceFunc(func() { db.Close() })
	h.t.Cleanup(h.close)
	return identity.Open(ctx, identity.Options{DB: db, Keys: keys, Region: region, Log: slog.New(slog.NewTextHandler(h.log, nil)), Now: now})
}

// sql runs a statement past the service, as an operator with a shell might.
func (h *house) sql(statement string, args ...any) {
	h.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "meta.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(h.t.Context(), statement, args...); err != nil {
		h.t.Fatal(err)
	}
}

// statements runs many statements past the service in one transaction.
func (h *house) statements(each func(run func(statement string, args ...any))) {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, "meta.db")+"?_pragma=foreign_keys(1)")
	h.must(err)
	defer db.Close()
	tx, err := db.BeginTx(h.t.Context(), nil)
	h.must(err)
	prepared := map[string]*sql.Stmt{}
	each(func(statement string, args ...any) {
		p, ok := prepared[statement]
		if !ok {
			p, err = tx.PrepareContext(h.t.Context(), statement)
			h.must(err)
			prepared[statement] = p
		}
		if _, err := p.ExecContext(h.t.Context(), args...); err != nil {
			h.t.Fatalf("%s %v: %v", statement, args, err)
		}
	})
	for _, p := range prepared {
		h.must(p.Close())
	}
	h.must(tx.Commit())
}

// stored reports whether the bytes are anywhere in the database's files.
func (h *house) stored(text string) bool {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "meta.db*"))
	if err != nil || len(files) == 0 {
		h.t.Fatal(files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			h.t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}

func (h *house) createDomain(ref larder.DomainRef, uid uint64) {
	h.t.Helper()
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.InsertDomain(ctx, meta.Domain{UID: uid, Ref: ref, CreatedAt: start})
		return err
	}))
}

func (h *house) createRepository(ref larder.RepositoryRef, administrator string) {
	h.t.Helper()
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, ref.Domain)
		if err != nil {
			return err
		}
		_, err = tx.InsertRepository(ctx, meta.Repository{Domain: d.ID, Ref: ref, Administrator: administrator, CreatedAt: start})
		return err
	}))
}

func (h *house) deleteDomain(ref larder.DomainRef) {
	h.t.Helper()
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, ref)
		if err != nil {
			return err
		}
		return tx.DeleteDomain(ctx, d.ID)
	}))
}

func (h *house) deleteRepository(ref larder.RepositoryRef) {
	h.t.Helper()
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		r, err := tx.Repository(ctx, ref)
		if err != nil {
			return err
		}
		return tx.DeleteRepository(ctx, r.ID)
	}))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// user makes a user with an inline policy of each document.
func (h *house) user(account, name string, documents ...string) identity.Principal {
	h.t.Helper()
	u, err := h.CreateEntity(h.t.Context(), identity.Entity{EntityRef: identity.UserRef(account, name)})
	h.must(err)
	for i, document := range documents {
		h.put(account, name, string(rune('a'+i)), document)
	}
	return identity.Principal{Account: account, ID: u.ID, ARN: u.ARN()}
}

func (h *house) put(account, user, name, document string) {
	h.t.Helper()
	h.must(h.PutInlinePolicy(h.t.Context(), identity.UserRef(account, user), identity.InlinePolicy{Name: name, Document: document}))
}

// key makes an access key of one of owner's users.
func (h *house) key(name string) (id, secret string) {
	h.t.Helper()
	o, err := h.Owner(h.t.Context(), owner, name)
	h.must(err)
	k, secret, err := h.CreateAccessKey(h.t.Context(), o)
	h.must(err)
	return k.ID, secret
}

// about returns the ARN of an entity.
func (h *house) about(ref identity.EntityRef) larder.ARN {
	arn, _ := h.About(ref)
	return arn
}

// guard puts a policy on a resource.
func (h *house) guard(on identity.Guarded, document string) {
	h.t.Helper()
	_, err := h.PutResourcePolicy(h.t.Context(), on, document, "")
	h.must(err)
}

func (h *house) unguard(on identity.Guarded) {
	h.t.Helper()
	_, err := h.DeleteResourcePolicy(h.t.Context(), on, "")
	h.must(err)
}

func root(account string) identity.Principal {
	return identity.Principal{Account: account, ID: account, ARN: "arn:aws:iam::" + account + ":root"}
}

// asking is a request of p's: signed with a long-term key, over TLS.
func asking(p identity.Principal) identity.Caller {
	return identity.Caller{Principal: p, KeyID: "AKIA", Addr: netip.MustParseAddr("203.0.113.7"), Secure: true, At: start}
}

// may asks whether p may do something now.
func (h *house) may(p identity.Principal, action string, resource larder.ARN) error {
	h.t.Helper()
	return h.Authorize(identity.WithCaller(h.t.Context(), asking(p)), identity.Question{Action: action, Resource: resource})
}

func onDomain(d larder.DomainRef) identity.Guarded { return identity.Guarded{Domain: d} }

func onRepository(r larder.RepositoryRef) identity.Guarded {
	return identity.Guarded{Domain: r.Domain, Repository: r.Name}
}

// Documents. Statements are JSON objects.

func document(statements ...string) string {
	b := []byte(`{"Version":"2012-10-17","Statement":[`)
	for i, s := range statements {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, s...)
	}
	return string(append(b, `]}`...))
}

func allow(action string) string {
	return document(`{"Effect":"Allow","Action":"` + action + `","Resource":"*"}`)
}

func deny(action string) string {
	return document(`{"Effect":"Deny","Action":"` + action + `","Resource":"*"}`)
}

// grants is a resource policy that lets a principal do something.
func grants(principal, action string) string {
	return document(`{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"` + action + `","Resource":"*"}`)
}

// wants checks a failure's kind and code.
func wants(t testing.TB, err error, kind larder.Kind, code string) {
	t.Helper()
	if !kind.Is(err) {
		t.Fatalf("got %v, want one of kind %v", err, kind)
	}
	if got := larder.AsError(err).Code; got != code {
		t.Errorf("got the code %q, want %q: %v", got, code, err)
	}
}

// says checks a failure's words.
func says(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no failure, want %q", want)
	}
	if got := larder.AsError(err).Message; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
