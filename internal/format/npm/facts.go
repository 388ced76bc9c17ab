package npm

import (
	"io"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// inspect reads what a package's tarball says about itself.
func inspect(asset string, b io.ReaderAt, size int64) (format.Facts, error) {
	if asset != packageFile {
		return format.Facts{}, larder.Errorf(larder.Invalid, "a version of an npm package has the asset %s, not %s", packageFile, asset)
	}
	t, err := readTarball(b, size)
	if err != nil {
		return format.Facts{}, err
	}
	m, err := readManifest(t)
	if err != nil {
		return format.Facts{}, err
	}
	m.normalize(t)
	return factsOf(m, t), nil
}

// factsOf tells what t and its normalised manifest say.
func factsOf(m *manifest, t *tarball) format.Facts {
	namespace, name, _ := cut(m.name)
	return format.Facts{
		Namespace:        namespace,
		Name:             name,
		Version:          m.version,
		DisplayName:      m.name,
		Summary:          readable(m.text("description")),
		HomePage:         homePage(m),
		SourceRepository: sourceRepository(m),
		Licenses:         licenses(m),
		Dependencies:     dependenciesOf(m),
		Readme:           []byte(readable(t.readme)),
		Manifest:         m.encode(),
	}
}

// homePage is the homepage, which was an object once.
func homePage(m *manifest) string {
	if url := m.text("homepage"); url != "" {
		return webPage(url)
	}
	return webPage(m.object.object("homepage").text("url"))
}

// webPage returns url if a browser may be sent there.
func webPage(url string) string {
	lower := strings.ToLower(url)
	if strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://") {
		return readable(url)
	}
	return ""
}

// licenses reads license, an SPDX expression today, and the objects and
// lists that came before it.
func licenses(m *manifest) []format.License {
	var all []format.License
	add := func(raw []byte) {
		l := format.License{Name: text(raw)}
		if o, err := parseObject(raw); err == nil {
			l = format.License{Name: o.text("type"), URL: o.text("url")}
			if l.Name == "" {
				l.Name = o.text("name")
			}
		}
		if l != (format.License{}) {
			all = append(all, format.License{Name: readable(l.Name), URL: readable(l.URL)})
		}
	}
	for _, key := range []string{"license", "licenses"} {
		list := m.list(key)
		for _, raw := range list {
			add(raw)
		}
		if list == nil {
			add(m.values[key])
		}
	}
	return all
}
