package metatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// look is what a node found when it looked, the news last.
type look struct {
	news     meta.News
	epoch    meta.Epoch
	packages []string // the names of the repository's
}

// follower hands over its looks, one after the other: it does not look again
// before the test has taken the last.
type follower struct {
	*env
	looks chan look
	ended chan error
	stop  context.CancelFunc
}

// follow follows the database as a node of several does. r may be nil.
func (v *env) follow(interval time.Duration, r *meta.Repository) *follower {
	ctx, stop := context.WithCancel(v.ctx)
	f := &follower{env: v, looks: make(chan look), ended: make(chan error, 1), stop: stop}
	go func() {
		f.ended <- v.db.Follow(ctx, interval, func(looking context.Context, tx *meta.Tx, hear meta.Hear) (err error) {
			var l look
			if l.epoch, err = tx.Epoch(looking); err != nil {
				return err
			}
			if r != nil {
				page, err := tx.Packages(looking, *r, meta.PackageQuery{Limit: 1000})
				if err != nil {
					return err
				}
				for _, p := range page {
					l.packages = append(l.packages, p.Ref.Name)
				}
			}
			if l.news, err = hear(looking); err != nil {
				return err
			}
			select {
			case f.looks <- l:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	v.Cleanup(stop)
	return f
}

const patience = 30 * time.Second

func (f *follower) next() look {
	f.Helper()
	select {
	case l := <-f.looks:
		return l
	case err := <-f.ended:
		f.Fatalf("it follows no more: %v", err)
	case <-time.After(patience):
		f.Fatal("it does not look")
	}
	return look{}
}

// end waits until it follows no more, and returns why.
func (f *follower) end() error {
	f.Helper()
	select {
	case err := <-f.ended:
		return err
	case <-time.After(patience):
		f.Fatal("it goes on following")
		return nil
	}
}

// nobody is what following is for an engine of one node.
func nobody(t *testing.T, v *env) bool {
	if v.db.Shared() {
		return false
	}
	err := v.db.Follow(v.ctx, time.Millisecond, func(context.Context, *meta.Tx, meta.Hear) error {
		t.Error("it looked")
		return nil
	})
	if err == nil {
		t.Error("a database of one node was followed")
	}
	return true
}

func follow(t *testing.T, v *env) {
	if nobody(t, v) {
		return
	}
	r := v.repository()
	other := open(t, v.engine, v.dsn)
	move := func(nonce string) {
		other.update(func(ctx context.Context, tx *meta.Tx) error {
			_, err := tx.MoveEpoch(ctx, nonce)
			return err
		})
	}
	move("before")
	f := v.follow(time.Hour, nil)
	first := f.next()
	v.equal("the first look's epoch", first.epoch.Nonce, "before")
	v.equal("the first look's news are lost", first.news.Lost, true)
	for _, nonce := range []string{"one", "two"} { // each told, or it would be an hour
		move(nonce)
		l := f.next()
		v.equal("the epoch that was told", l.epoch.Nonce, nonce)
		v.equal("the news are lost", l.news.Lost, false)
	}
	if err := other.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.TouchPackage(ctx, r.ID, v.ref(r, "thing"), meta.OriginControls{}, v.now)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	v.equal("the package that was told", f.next().news.Packages,
		[]meta.PackageChange{{Domain: r.Ref.Domain, Format: larder.NPM, Name: "thing"}})
	f.stop()
	if err := f.end(); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v, want %v", err, context.Canceled)
	}
}

func followAnyway(t *testing.T, v *env) {
	if nobody(t, v) {
		return
	}
	f := v.follow(time.Millisecond, nil)
	for range 4 {
		f.next() // though nothing happens
	}
	f.stop()
	_ = f.end()

	no := errors.New("no")
	err := v.db.Follow(v.ctx, time.Millisecond, func(context.Context, *meta.Tx, meta.Hear) error { return no })
	if !errors.Is(err, no) {
		t.Errorf("a look that fails: got %v, want %v", err, no)
	}
}

// packageNews has publishers change packages while a node follows. What a look
// saw, the news that it heard then must have told, or those before; also what
// a transaction did that took longer than several looks.
func packageNews(t *testing.T, v *env) {
	if nobody(t, v) {
		return
	}
	r := v.repository()
	other := open(t, v.engine, v.dsn)
	touch := func(ctx context.Context, tx *meta.Tx, name string) error {
		_, err := tx.TouchPackage(ctx, r.ID, v.ref(r, name), meta.OriginControls{}, v.now)
		return err
	}
	f := v.follow(time.Millisecond, &r)
	told := map[string]bool{}
	f.next()
	hear := func() {
		l := f.next()
		if l.news.Lost {
			t.Fatal("news were lost")
		}
		for _, c := range l.news.Packages {
			if c.Domain != r.Ref.Domain || c.Format != larder.NPM && c.Format != "" {
				t.Errorf("news of %+v", c)
			}
			told[c.Name] = true
		}
		for _, name := range l.packages {
			if !told[name] {
				t.Errorf("the look saw %s, and it was never told", name)
			}
		}
	}

	var want []string
	var publishers sync.WaitGroup
	begun, finish := make(chan struct{}), make(chan struct{})
	want = append(want, "slow")
	publishers.Go(func() {
		once := sync.OnceFunc(func() { close(begun) })
		err := other.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
			err := touch(ctx, tx, "slow")
			once()
			<-finish
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	for i := range 4 {
		var names []string
		for j := range 10 {
			names = append(names, fmt.Sprintf("p%d-%d", i, j))
		}
		want = append(want, names...)
		publishers.Go(func() {
			for _, name := range names {
				if err := other.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return touch(ctx, tx, name) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	quick := func(name string) bool { return name != "slow" && !told[name] }
	for until := time.Now().Add(patience); slices.ContainsFunc(want, quick) && time.Now().Before(until); {
		hear()
	}
	close(finish)
	publishers.Wait()
	for until := time.Now().Add(patience); !told["slow"] && time.Now().Before(until); {
		hear()
	}
	for _, name := range want {
		if !told[name] {
			t.Errorf("%s was never told", name)
		}
	}

	other.update(func(ctx context.Context, tx *meta.Tx) error { return tx.SetConnection(ctx, r.ID, "public:npmjs") })
	for until := time.Now().Add(patience); !told[""] && time.Now().Before(until); {
		hear()
	}
	if !told[""] {
		t.Error("it was never told that a repository's packages all look different")
	}
}

func nodes(_ *testing.T, v *env) {
	epoch := func(nonce string) (e meta.Epoch) {
		v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
			e, err = tx.MoveEpoch(ctx, nonce)
			return err
		})
		return e
	}
	pulse := func(id string) string {
		p, err := v.db.Now().Pulse(v.ctx, id)
		return tuple(p.Epoch.Nonce, p.Registered, p.Obeyed, err)
	}
	laggards := func(e meta.Epoch) string { return tuple(v.db.Now().Laggards(v.ctx, e.N, "a")) }
	obey := func(id string, e meta.Epoch) (known bool) {
		v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
			known, err = tx.Obey(ctx, id, e.N, v.now)
			return err
		})
		return known
	}

	v.equal("before anything", pulse("a"), " false 0 <nil>")
	for _, id := range []string{"a", "b", "c"} {
		v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.RegisterNode(ctx, id, v.now) })
	}
	first := epoch("first")
	v.equal("a node that has read nothing", pulse("b"), "first true -1 <nil>")
	v.equal("who does not obey, beside who asks", laggards(first), "2 <nil>")
	v.equal("one obeys, which is known", obey("b", first), true)
	v.equal("the node that obeys", pulse("b"), tuple("first", true, first.N, nil))
	v.equal("who does not obey then", laggards(first), "1 <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.DropLaggards(ctx, first.N, "a") })
	v.equal("the node that was given up", pulse("c"), "first false 0 <nil>")
	v.equal("it obeys, too late", obey("c", first), false)
	v.equal("the one that gave it up", pulse("a"), "first true -1 <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.RegisterNode(ctx, "b", v.now) })
	v.equal("a node that begins anew", laggards(first), "1 <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.DropNode(ctx, "b") })
	v.equal("a node that serves no more", laggards(epoch("second")), "0 <nil>")
}

func common(_ *testing.T, v *env) {
	read := func(c meta.Common) string {
		b, err := v.db.Now().Shared(v.ctx, c)
		return fmt.Sprintf("%q %v %v", b, b == nil, err)
	}
	share := func(c meta.Common, value string) {
		v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.Share(ctx, c, []byte(value)) })
	}
	v.equal("nobody has it yet", read(meta.KeyRing), `"" true <nil>`)
	share(meta.KeyRing, "ring\x00\xff")
	share(meta.Bytes, "store")
	v.equal("the ring", read(meta.KeyRing), `"ring\x00\xff" false <nil>`)
	share(meta.KeyRing, "next")
	v.equal("the ring that follows", read(meta.KeyRing), `"next" false <nil>`)
	v.equal("what else there is", read(meta.Bytes), `"store" false <nil>`)
}
