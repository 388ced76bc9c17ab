package server

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
	"larder.example/larder/internal/testenv/postgres"
)

// Both collect what nothing names any more, at once, and neither takes anything
// else.
func TestNodesCollectTheBytesThatTheyShare(t *testing.T) {
	c := common(t)
	start := time.Now()
	var later atomic.Int64
	clock := func() time.Time { return start.Add(time.Duration(later.Load())) }
	var nodes []*Server
	for range 2 {
		s, err := nodeOf(t, c, clock)
		if err != nil {
			t.Fatal(err)
		}
		defer s.startFollowing(context.WithoutCancel(t.Context()))()
		nodes = append(nodes, s)
	}
	a, b := nodes[0], nodes[1]
	q, err := a.Quickstart(t.Context(), "http://127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	ctx := identity.WithCaller(t.Context(), identity.Caller{Principal: identity.Principal{Account: q.Account, ID: q.Account}, At: start})
	pkg := larder.PackageRef{
		Repository: larder.RepositoryRef{Domain: larder.DomainRef{Owner: q.Account, Name: q.Domain}, Name: q.Repository},
		Format:     larder.Generic, Namespace: "tools", Name: "build",
	}
	publish := func(s *Server, version, text string) {
		t.Helper()
		u, err := s.Registry.Upload(ctx, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		defer u.Discard()
		if _, err := s.Registry.PublishPackageVersion(ctx, larder.VersionRef{Package: pkg, Version: version},
			format.NewAsset{Name: "file", Upload: u}, larder.Published); err != nil {
			t.Fatal(err)
		}
	}
	read := func(s *Server, version string) string {
		t.Helper()
		ref := larder.AssetRef{Version: larder.VersionRef{Package: pkg, Version: version}, Name: "file"}
		_, f, err := s.Registry.GetPackageVersionAsset(ctx, ref, "")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	stored := func() int {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(c.Blob, "??", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	var versions []string
	for i := range 20 {
		versions = append(versions, strconv.Itoa(i))
		publish(nodes[i%2], versions[i], "bytes of "+versions[i])
	}
	if _, err := b.Registry.DeletePackageVersions(ctx, pkg, registry.Selection{Versions: versions[1:]}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // rows, then bytes
		later.Add(int64(25 * time.Hour))
		var all sync.WaitGroup
		for _, s := range nodes {
			all.Go(func() {
				if err := s.collect(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	if got := stored(); got != 1 {
		t.Errorf("%d files are stored, want 1", got)
	}
	publish(a, "again", "bytes of 7")
	for version, want := range map[string]string{"0": "bytes of 0", "again": "bytes of 7"} {
		for _, s := range nodes {
			if got := read(s, version); got != want {
				t.Errorf("version %s: got %q, want %q", version, got, want)
			}
		}
	}
}

// Rows of two registries may have one number, so that one would delete the
// bytes of the other.
func TestRegistriesDoNotShareBytes(t *testing.T) {
	for name, c := range map[string]config.Config{"sqlite": *config.Defaults(), "postgres": common(t)} {
		t.Run(name, func(t *testing.T) {
			c.Blob = filepath.Join(t.TempDir(), "blobs")
			c.Data = filepath.Join(t.TempDir(), "data")
			first, err := openNode(t, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			other := c
			if c.Meta != "" {
				other.Meta = postgres.DSN(t)
			}
			if _, err := nodeOf(t, other, nil); err == nil || !strings.Contains(err.Error(), c.Blob+" has the bytes of another registry") {
				t.Errorf("another registry: got %v", err)
			}

			// Nor does one forget where they are.
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			moved := c
			moved.Blob = ""
			if _, err := openNode(t, moved, nil); err == nil || !strings.Contains(err.Error(), "has not the bytes of this database") {
				t.Errorf("the directory is not named any more: got %v", err)
			}
			if _, err := openNode(t, c, nil); err != nil {
				t.Errorf("the directory is named again: %v", err)
			}
		})
	}
}
