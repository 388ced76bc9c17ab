package registry_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/registry"
)

// leads makes the world know a package that leads to others.
func (o *outer) leads(name string, next ...string) {
	o.Helper()
	text, err := json.Marshal(toldIndex{Changed: dawn, Next: next})
	o.must(err)
	o.world.Put("/"+name, "application/json", text, dawn)
}

func (o *outer) named(name string) larder.PackageRef {
	return larder.PackageRef{Repository: o.app, Format: told, Name: name}
}

// ask asks for what the world knows of a package.
func (o *outer) ask(name string) {
	o.Helper()
	_, err := o.public.Package(o.ctx, theWorld, o.named(name))
	o.must(err)
}

// arrives waits until the world has been asked for packages.
func (o *outer) arrives(names ...string) {
	o.Helper()
	for _, name := range names {
		for begin := time.Now(); o.world.Asked("GET /"+name) == 0; time.Sleep(time.Millisecond) {
			if time.Since(begin) > time.Minute {
				o.Fatalf("nobody asks for %s", name)
			}
		}
	}
}

func TestWhatAPackageLeadsToIsFetchedAhead(t *testing.T) {
	o := outside(t)
	o.public.Prefetch = true
	o.lay("app: @" + theWorld)
	o.leads("thing", "a", "b", "absent")
	o.leads("a", "thing", "b", "c")
	o.leads("b")
	o.leads("c", "a")
	o.ask("thing")
	o.arrives("a", "b", "c", "absent")
	for _, name := range []string{"a", "b", "c"} {
		o.ask(name)
	}
	for _, name := range []string{"thing", "a", "b", "c", "absent"} {
		if got := o.world.Asked("GET /" + name); got != 1 {
			t.Errorf("%s was asked for %d times, want once", name, got)
		}
	}

	// What was here before leads to nothing new.
	o.leads("thing", "later")
	o.clock.advance(time.Minute)
	o.ask("thing")
	if got := o.world.Asked("GET /thing"); got != 2 {
		t.Fatalf("thing was asked for %d times, want twice", got)
	}
	o.must(o.public.Close())
	if o.world.Asked("GET /later") > 0 {
		t.Error("what a new answer leads to was fetched")
	}
}

// No name goes outside that may not come from there.
func TestWhatMayNotComeFromOutsideIsNotFetchedAhead(t *testing.T) {
	o := outside(t)
	o.public.Prefetch = true
	o.lay("app: store; store: @" + theWorld)
	block := registry.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}
	for _, name := range []string{"published", "closed"} {
		o.published(told, name, "1")
	}
	o.must(o.PutPackageOriginConfiguration(o.ctx, o.named("closed"), block))
	o.restrict("/told//secret$", "EXTERNAL_UPSTREAM=BLOCK")
	o.leads("thing", "published", "closed", "secret", "open")
	for _, name := range []string{"published", "closed", "secret", "open"} {
		o.leads(name, "after-"+name)
		o.leads("after-" + name)
	}
	o.ask("thing")
	o.arrives("open", "after-open")
	o.must(o.public.Close())
	for _, name := range []string{"published", "closed", "secret"} {
		if o.world.Asked("GET /"+name)+o.world.Asked("GET /after-"+name) > 0 {
			t.Errorf("%s was asked for", name)
		}
	}
}

func TestFetchingAheadIsBounded(t *testing.T) {
	o := outside(t)
	o.public.Prefetch = true
	o.lay("app: @" + theWorld)
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("n%d", i))
		o.leads(names[i])
	}
	o.leads("thing", names...)
	chain := []string{"chain"}
	for i := range 10 {
		chain = append(chain, fmt.Sprintf("link%d", i))
		o.leads(chain[i], chain[i+1])
	}
	o.leads(chain[10])
	var now, most atomic.Int32
	o.world.Break(func(http.ResponseWriter, *http.Request) bool {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			had := most.Load()
			if n <= had || most.CompareAndSwap(had, n) {
				break
			}
		}
		time.Sleep(5 * time.Millisecond)
		return false
	})
	o.ask("thing")
	o.arrives(names[:64]...)
	if got := most.Load(); got > 8 {
		t.Errorf("%d were fetched ahead at a time, want 8 at most", got)
	}
	o.ask("chain")
	o.arrives(chain[:7]...)
	o.must(o.public.Close())
	if o.world.Asked("GET /"+names[64]) > 0 || o.world.Asked("GET /"+chain[7]) > 0 {
		t.Error("more was fetched ahead than one package may lead to")
	}
}

func TestNothingIsFetchedAheadUnlessItIsOn(t *testing.T) {
	o := outside(t)
	o.lay("app: @" + theWorld)
	o.leads("thing", "a")
	o.leads("a")
	o.ask("thing")
	o.must(o.public.Close())
	if o.world.Asked("GET /a") > 0 {
		t.Error("what a package leads to was fetched")
	}
}
