package control_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

func TestAssets(t *testing.T) {
	e := testenv.New(t)
	tarball := publish(t, e, e.Admin, testenv.Repository, release{name: "@acme/thing", version: "1.0.0", files: map[string]string{"index.js": "1"}})
	hex := func(h hash.Hash) string {
		h.Write(tarball)
		return hex.EncodeToString(h.Sum(nil))
	}
	got := testenv.OK(t, e.Admin, codeartifact.ListPackageVersionAssets, &codeartifact.ListPackageVersionAssetsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing", PackageVersion: "1.0.0",
	})
	want := &codeartifact.ListPackageVersionAssetsOutput{
		Format: npm, Namespace: "acme", Package: "thing", Version: "1.0.0", VersionRevision: got.VersionRevision,
		Assets: []codeartifact.AssetSummary{{Name: "package.tgz", Size: new(int64(len(tarball))), Hashes: map[string]string{
			"MD5": hex(md5.New()), "SHA-1": hex(sha1.New()), "SHA-256": hex(sha256.New()), "SHA-512": hex(sha512.New()),
		}}},
	}
	if !reflect.DeepEqual(got, want) || got.VersionRevision == "" {
		t.Errorf("got %+v, want %+v", got, want)
	}

	in := codeartifact.GetPackageVersionAssetInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: npm, Namespace: "acme", Package: "thing", PackageVersion: "1.0.0", Asset: "package.tgz",
	}
	for _, revision := range []string{"", got.VersionRevision} {
		in.PackageVersionRevision = revision
		out := testenv.OK(t, e.Admin, codeartifact.GetPackageVersionAsset, &in)
		body, err := io.ReadAll(out.Asset)
		out.Asset.Close()
		if err != nil || string(body) != string(tarball) || out.AssetName != "package.tgz" || out.PackageVersion != "1.0.0" || out.PackageVersionRevision != got.VersionRevision {
			t.Errorf("got %+v, %v", out, err)
		}
	}
	in.PackageVersionRevision = "another"
	if e := testenv.Refused(t, e.Admin, codeartifact.GetPackageVersionAsset, &in, "ConflictException"); e.ResourceType != "package-version" {
		t.Errorf("got %+v", e)
	}
	in.PackageVersionRevision = ""
	for _, name := range []string{"other.tgz", "Package.tgz", "package.json", "../package.tgz"} {
		in.Asset = name
		if e := testenv.Refused(t, e.Admin, codeartifact.GetPackageVersionAsset, &in, "ResourceNotFoundException"); e.ResourceType != "asset" || e.ResourceID != name {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

func TestAssetsOnTheWire(t *testing.T) {
	e := testenv.New(t)
	tarball := publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	a := e.DoSigned(e.Admin, "codeartifact", http.MethodGet, query("/v1/package/version/asset",
		"domain", testenv.Domain, "repository", testenv.Repository, "format", "npm", "package", "thing", "version", "1.0.0", "asset", "package.tgz"), "")
	if a.Status != http.StatusOK || a.Body != string(tarball) {
		t.Fatalf("got %d and %d bytes, want %d", a.Status, len(a.Body), len(tarball))
	}
	for name, want := range map[string]string{
		"X-AssetName": "package.tgz", "X-PackageVersion": "1.0.0",
		"Content-Length": strconv.Itoa(len(tarball)), "Content-Type": "application/octet-stream",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if a.Header.Get("X-PackageVersionRevision") == "" {
		t.Error("got no revision")
	}
}
