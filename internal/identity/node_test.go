package identity_test

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/meta/postgres"
	postgrestest "larder.example/larder/internal/testenv/postgres"
)

// node is a service among several on one PostgreSQL.
type node struct {
	*house
	stop func() // its looking, as a machine that stands still does not look
}

// cluster opens nodes on the databases, which are one in truth, and makes
// what open makes.
func cluster(t *testing.T, dsns ...string) []*node {
	t.Helper()
	keys, err := keyring.Open(keyring.Config{Dir: filepath.Join(t.TempDir(), "keys")}, start)
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*node
	for _, dsn := range dsns {
		db, err := meta.Open(t.Context(), postgres.Engine{}, dsn, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() }) // of a cut connection nothing is expected
		s, err := identity.Open(t.Context(), identity.Options{DB: db, Keys: keys, Region: region, Now: func() time.Time { return start }})
		if err != nil {
			t.Fatal(err)
		}
		n := &node{house: &house{Service: s, t: t, db: db, keys: keys}}
		n.follow()
		nodes = append(nodes, n)
	}
	first := nodes[0]
	if _, err := first.CreateAccount(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	first.createDomain(team, 1)
	first.createRepository(app, owner)
	return nodes
}

// follow has the node look as a server's does, until it is stopped.
func (n *node) follow() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(n.t.Context()))
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			_ = n.db.Follow(ctx, identity.LookEvery, func(ctx context.Context, tx *meta.Tx, _ meta.Hear) error {
				return n.Look(ctx, tx, func(context.Context) error { return nil })
			})
			select {
			case <-time.After(10 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	})
	n.stop = sync.OnceFunc(func() {
		cancel()
		done.Wait()
	})
	n.t.Cleanup(n.stop)
}

// answers waits until the node answers questions.
func (n *node) answers() {
	n.t.Helper()
	for until := time.Now().Add(20 * time.Second); n.Ready() != nil; runtime.Gosched() {
		if time.Now().After(until) {
			n.t.Fatal("the node answers nobody")
		}
	}
}

// race has readers ask every node while change is made over and over with
// true and false in turn, which decides whether alice may read. No node may
// answer a question that is asked after a change was answered by what was
// before; that it answers nobody is fine.
func race(t *testing.T, nodes []*node, alice identity.Principal, times int, change func(may bool)) {
	t.Helper()
	const changing, may, count = 1, 2, 4 // whether a change is under way, whether alice may read, and the changes above that
	var state atomic.Uint64
	var counted atomic.Int64
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, n := range nodes {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				before := state.Load()
				err := n.may(alice, readAction, app.ARN(region))
				if before&changing != 0 || state.Load() != before {
					continue
				}
				counted.Add(1)
				if !larder.Unavailable.Is(err) && (err == nil) != (before&may != 0) {
					t.Errorf("in the state %b: got %v", before, err)
				}
			}
		})
	}
	for i := range times {
		is := state.Load()
		state.Store(is | changing)
		change(i%2 == 0)
		state.Store(is ^ may + count)
		for enough := counted.Load() + 10; counted.Load() < enough; {
			runtime.Gosched()
		}
	}
	close(done)
	readers.Wait()
}

func (n *node) letRead(may bool) {
	n.t.Helper()
	if may {
		n.put(owner, "alice", "p", allow(readAction))
	} else {
		n.put(owner, "alice", "p", deny("*"))
	}
}

func TestNoNodeAllowsWhatAnAnsweredChangeForbids(t *testing.T) {
	dsn := postgrestest.DSN(t)
	nodes := cluster(t, dsn, dsn)
	alice := nodes[0].user(owner, "alice")
	i := 0
	race(t, nodes, alice, 24, func(may bool) {
		nodes[i%2].letRead(may) // through one node and the other
		i += 1 + i%3
	})
}

// The same while connections die: a node looks again on a new one.
func TestANodeWhoseConnectionsAreCutObeysAllTheSame(t *testing.T) {
	dsn := postgrestest.DSN(t)
	nodes := cluster(t, dsn, dsn)
	alice := nodes[0].user(owner, "alice")
	i := 0
	race(t, nodes, alice, 9, func(may bool) {
		if i++; i%3 == 0 {
			terminateListeners(t, dsn)
		}
		nodes[0].letRead(may)
	})
	for _, n := range nodes {
		n.answers()
	}
}

// A node that stands still is waited for until it cannot answer any more,
// once; when it goes on, it answers nobody before it has caught up.
func TestANodeThatStandsStillAnswersNobodyAfterAChange(t *testing.T) {
	dsn := postgrestest.DSN(t)
	nodes := cluster(t, dsn, dsn)
	alice := nodes[0].user(owner, "alice", allow(readAction))
	still := nodes[1]
	still.must(still.may(alice, readAction, app.ARN(region)))

	still.stop()
	began := time.Now()
	nodes[0].put(owner, "alice", "no", deny("*"))
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("the change was answered after %v, while the node may have answered", took)
	}
	if err := still.may(alice, readAction, app.ARN(region)); !larder.Unavailable.Is(err) {
		t.Errorf("the node that stands still: got %v", err)
	} else if larder.AsError(err).RetryAfter == 0 {
		t.Error("the refusal does not say when to come back")
	}
	began = time.Now()
	nodes[0].put(owner, "alice", "more", deny("codeartifact:*"))
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the next change waited %v for a node that was given up", took)
	}

	still.follow()
	still.answers()
	if err := still.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("the node that goes on: got %v", err)
	}
	for _, name := range []string{"no", "more"} {
		nodes[0].must(nodes[0].DeleteInlinePolicy(t.Context(), identity.UserRef(owner, "alice"), name))
	}
	still.must(still.may(alice, readAction, app.ARN(region)))
}

// A node that cannot reach the database hears of nothing, not even that the
// connection is dead.
func TestANodeThatCannotReachTheDatabaseAnswersNobodyAfterAChange(t *testing.T) {
	dsn := postgrestest.DSN(t)
	wire := newWire(t, dsn)
	nodes := cluster(t, dsn, wire.dsn)
	alice := nodes[0].user(owner, "alice", allow(readAction))
	far := nodes[1]
	far.must(far.may(alice, readAction, app.ARN(region)))

	wire.cut()
	nodes[0].put(owner, "alice", "no", deny("*"))
	if err := far.may(alice, readAction, app.ARN(region)); !larder.Unavailable.Is(err) {
		t.Errorf("cut off: got %v", err)
	}
	wire.mend()
	far.answers()
	if err := far.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("mended: got %v", err)
	}
}

func TestANodeThatWasClosedIsNotWaitedFor(t *testing.T) {
	dsn := postgrestest.DSN(t)
	nodes := cluster(t, dsn, dsn)
	nodes[1].stop()
	nodes[1].must(nodes[1].Close())
	if err := nodes[1].Ready(); !larder.Unavailable.Is(err) {
		t.Errorf("it still answers: %v", err)
	}
	began := time.Now()
	nodes[0].user(owner, "alice")
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the change took %v", took)
	}
}

// wire leads to a database and can be cut: what is sent then is never heard.
type wire struct {
	dsn   string
	mu    sync.Mutex // guards what follows
	whole chan struct{}
	ends  []net.Conn
}

func newWire(t *testing.T, dsn string) *wire {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	if dir := u.Query().Get("host"); dir != "" {
		network, address = "unix", filepath.Join(dir, ".s.PGSQL."+cmp.Or(u.Query().Get("port"), "5432"))
	}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	w := &wire{dsn: u.String(), whole: make(chan struct{})}
	close(w.whole)
	var pumps sync.WaitGroup
	pumps.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := new(net.Dialer).DialContext(context.Background(), network, address)
			if err != nil {
				_ = near.Close()
				continue
			}
			w.mu.Lock()
			w.ends = append(w.ends, near, far)
			w.mu.Unlock()
			pumps.Go(func() { w.pump(near, far) })
			pumps.Go(func() { w.pump(far, near) })
		}
	})
	t.Cleanup(func() {
		w.mend()
		_ = l.Close()
		w.mu.Lock()
		for _, c := range w.ends {
			_ = c.Close()
		}
		w.mu.Unlock()
		pumps.Wait()
	})
	return w
}

// pump copies while the wire is whole.
func (w *wire) pump(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		w.mu.Lock()
		whole := w.whole
		w.mu.Unlock()
		<-whole
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.whole = make(chan struct{})
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.whole:
	default:
		close(w.whole)
	}
}

// terminateListeners cuts the connections on which nodes look.
func terminateListeners(t *testing.T, dsn string) {
	t.Helper()
	read, _, err := postgres.Engine{}.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	if _, err := read.ExecContext(t.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		 WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM nodes n %'`); err != nil {
		t.Fatal(err)
	}
}
