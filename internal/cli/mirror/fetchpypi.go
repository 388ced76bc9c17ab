package mirror

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"larder.example/larder"
)

// pypiPage is what a project page says, as PEP 691 has it.
type pypiPage struct {
	Files []struct {
		Filename, URL string
		Hashes        map[string]string
		CoreMetadata  any `json:"core-metadata"`
	}
}

// pypi fetches the files of a version that the lock has digests of, or all.
func (f *Fetcher) pypi(ctx context.Context, i Item) (total Result, err error) {
	address := f.at(larder.PyPI, "simple", i.Name) + "/"
	var page pypiPage
	err = f.get(ctx, larder.PyPI, address, "application/vnd.pypi.simple.v1+json", func(body io.Reader) error {
		return json.NewDecoder(body).Decode(&page)
	})
	if err != nil {
		return total, fmt.Errorf("ask for its page: %w", err)
	}
	base, err := url.Parse(address)
	if err != nil {
		return total, err
	}
	for _, file := range page.Files {
		digests := spelled(file.Hashes)
		if !i.wants(file.Filename, digests, f.AllFiles) {
			continue
		}
		where, err := base.Parse(file.URL)
		if err != nil {
			return total, err
		}
		where.Fragment = ""
		r, err := f.download(ctx, larder.PyPI, where.String(), digests)
		total.add(r)
		if err == nil && file.CoreMetadata != nil && file.CoreMetadata != false {
			r, err = f.download(ctx, larder.PyPI, where.String()+".metadata", nil)
			total.add(r)
		}
		if err != nil {
			return total, fmt.Errorf("%s: %w", file.Filename, err)
		}
	}
	if total.Files == 0 && len(i.Digests) > 0 && !f.AllFiles {
		return total, errors.New("none of its files is one of the lock")
	}
	if total.Files == 0 {
		return total, errors.New("it has no files of that version")
	}
	return total, nil
}

// wants reports whether a file is one of the item's.
func (i Item) wants(file string, digests []string, all bool) bool {
	if !all && len(i.Digests) > 0 {
		return slices.ContainsFunc(digests, func(d string) bool { return slices.Contains(i.Digests, d) })
	}
	return sameVersion(fileVersion(i.Name, file), i.Version)
}

// fileVersion returns the version in the name of a wheel or an sdist.
func fileVersion(name, file string) string {
	if wheel, found := strings.CutSuffix(file, ".whl"); found {
		parts := strings.Split(wheel, "-")
		return parts[min(1, len(parts)-1)]
	}
	for _, ext := range []string{".tar.gz", ".zip", ".tar.bz2", ".tgz", path.Ext(file)} {
		if stem, found := strings.CutSuffix(file, ext); found {
			file = stem
			break
		}
	}
	if len(file) > len(name) && pypiName(file[:len(name)]) == name {
		return strings.TrimLeft(file[len(name):], "-")
	}
	_, version, _ := cutLast(file, "-")
	return version
}

// sameVersion compares two spellings of a version: 1.0 is 1.0.0.
func sameVersion(a, b string) bool { return plain(a) == plain(b) }

func plain(version string) string {
	v := strings.NewReplacer("-", ".", "_", ".").Replace(strings.ToLower(strings.TrimPrefix(version, "v")))
	release, local, found := strings.Cut(v, "+")
	for strings.HasSuffix(release, ".0") {
		release = strings.TrimSuffix(release, ".0")
	}
	if found {
		return release + "+" + local
	}
	return release
}
