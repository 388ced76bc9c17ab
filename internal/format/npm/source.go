package npm

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// public reads the registry of npm and its like.
var public = format.Source{
	Connections: []string{"public:npmjs"},
	Index: func(p larder.PackageRef) format.Request {
		// The full document: the abbreviated one has no times of publication.
		return format.Request{URL: strings.Replace(displayed(p), "/", "%2f", 1), Accept: jsonType}
	},
	Read: readPublic,
	Next: next,
	File: publicFile,
}

// publicFile is where the index says that a tarball is. Old packages say so
// with http, though their registry has https today.
func publicFile(base string, _ larder.AssetRef, known *format.Asset) format.Request {
	if known == nil || known.URL == "" {
		return format.Request{}
	}
	at, err := url.Parse(known.URL)
	home, err2 := url.Parse(base)
	if err == nil && err2 == nil && at.Hostname() == home.Hostname() && at.Port() == "" {
		at.Scheme, at.Host = home.Scheme, home.Host
		return format.Request{URL: at.String()}
	}
	return format.Request{URL: known.URL}
}

// readPublic reads what stands around the versions of a document and notes
// where each of them is.
func readPublic(doc format.Document, p larder.PackageRef) (*format.Package, error) {
	pkg := &format.Package{Ref: p, Tags: map[string]string{}}
	o := outline{doc: doc, versions: -1, times: map[string]time.Time{}, at: map[string]int64{}}
	unpublished := false
	w := newWindow(doc, doc.Size, 0)
	err := w.object(func(key string) error {
		switch key {
		case "name":
			raw, err := w.value()
			if err == nil && text(raw) != displayed(p) {
				err = larder.Errorf(larder.Invalid, "The document is about %.214q, not %s.", text(raw), displayed(p))
			}
			return err
		case "dist-tags":
			return w.object(func(tag string) error {
				raw, err := w.value()
				if version := text(raw); err == nil && version != "" {
					pkg.Tags[tag] = version
				}
				return err
			})
		case "time":
			return w.object(func(key string) error {
				raw, err := w.value()
				if err != nil {
					return err
				}
				at, wrong := time.Parse(time.RFC3339, text(raw))
				switch {
				case key == "unpublished":
					unpublished = true
				case wrong != nil || key == "created":
				case key == "modified":
					pkg.ChangedAt = at
				default:
					o.times[key] = at
				}
				return nil
			})
		case "versions":
			o.versions = w.at()
			return w.object(func(version string) error {
				o.at[version] = w.at()
				return w.skip()
			})
		}
		return w.skip()
	})
	switch {
	case err != nil:
		return nil, err
	case o.versions < 0 && unpublished:
		return nil, absent(p)
	case o.versions < 0:
		return nil, larder.Errorf(larder.Invalid, "The document has no versions.")
	}
	pkg.Versions, pkg.Find, pkg.Held = o.all, o.find, int64(len(o.at)*outlined)
	return pkg, nil
}

// outline is what is held of a document.
type outline struct {
	doc      format.Document
	versions int64                // their offset; -1: there are none
	at       map[string]int64     // the offset of each
	times    map[string]time.Time // of publication
}

// outlined is about how many bytes an outline has for a version.
const outlined = 200

// find reads one version.
func (o *outline) find(version string) (format.Version, bool, error) {
	at, ok := o.at[version]
	if !ok || !spelled(version) {
		return format.Version{}, false, nil
	}
	w := newWindow(o.doc, o.doc.Size, at)
	w.buf = make([]byte, 0, findSize)
	raw, err := w.value()
	if err != nil {
		return format.Version{}, false, err
	}
	if w.space {
		raw = squeeze(nil, raw)
	}
	v, err := publicVersion(version, raw, o.times[version])
	return v, err == nil, err
}

// all reads the versions, one at a time.
func (o *outline) all(yield func(format.Version, error) bool) {
	w := newWindow(o.doc, o.doc.Size, o.versions)
	var squeezed []byte
	err := w.object(func(version string) error {
		raw, err := w.value()
		if err != nil || !spelled(version) {
			return err
		}
		if w.space {
			squeezed = squeeze(squeezed[:0], raw)
			raw = squeezed
		}
		v, err := publicVersion(version, raw, o.times[version])
		if err != nil {
			return err
		}
		if !yield(v, nil) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		yield(format.Version{}, err)
	}
}

var errEnough = errors.New("enough")

// spelled reports whether a version can stand in a path. Old ones are not
// all strict.
func spelled(version string) bool {
	if version == "" || len(version) > maxVersion || version[0] == '.' || version[0] == '-' {
		return false
	}
	for i := range len(version) {
		c := version[i]
		if ('0' > c || c > '9') && ('a' > c|0x20 || c|0x20 > 'z') && c != '.' && c != '-' && c != '+' && c != '_' {
			return false
		}
	}
	return true
}

// publicVersion makes a version of what a document has of it, without space
// between tokens.
func publicVersion(version string, raw []byte, at time.Time) (format.Version, error) {
	broken := larder.Errorf(larder.Invalid, "Version %s in the document is none.", version)
	a := format.Asset{Name: packageFile, Size: -1, At: at}
	var dist, scripts []byte
	marked := false
	m := make([]byte, 1, len(raw)+len(`,"hasInstallScript":true`))
	m[0] = '{'
	add := func(key, value []byte) {
		if len(m) > 1 {
			m = append(m, ',')
		}
		m = append(append(append(append(m, '"'), key...), `":`...), value...)
	}
	err := members(raw, "", func(key, value []byte) {
		switch string(key) {
		case "dist":
			dist = value
			return
		case apartKey:
			return // ours
		case "hasInstallScript":
			marked = true
		case "scripts":
			scripts = value
		}
		add(key, value)
	})
	if err != nil || dist == nil {
		return format.Version{}, broken
	}
	if !marked && installs(scripts) {
		add([]byte("hasInstallScript"), []byte("true")) // which only the abbreviated form of npm's says
	}
	rest, err := readDist(dist, &a)
	if err != nil {
		return format.Version{}, broken
	}
	add([]byte("dist"), rest)
	return format.Version{
		Version: version, Status: larder.Published, PublishedAt: at, Manifest: append(m, '}'), Assets: []format.Asset{a},
	}, nil
}

// installs reports whether scripts has one that runs when the package is
// installed.
func installs(scripts []byte) bool {
	found := false
	_ = members(scripts, "", func(key, _ []byte) { // what is no object has none
		switch string(key) {
		case "preinstall", "install", "postinstall":
			found = true
		}
	})
	return found
}

// readDist takes from dist what is the asset's, and returns what stays.
// Attestations stand where only their own registry serves them.
func readDist(dist []byte, a *format.Asset) (rest []byte, err error) {
	rest = append(make([]byte, 0, len(dist)), '{')
	err = members(dist, "", func(key, value []byte) {
		switch string(key) {
		case "tarball":
			a.URL = text(value)
		case "integrity":
			readIntegrity(text(value), &a.Sums)
		case "shasum":
			if s := strings.ToLower(text(value)); isHex(s, 40) {
				a.Sums.SHA1 = s
			}
		case "attestations":
		default:
			if len(rest) > 1 {
				rest = append(rest, ',')
			}
			rest = append(append(append(append(rest, '"'), key...), `":`...), value...)
		}
	})
	return append(rest, '}'), err
}

// readIntegrity reads a list of digests (W3C, Subresource Integrity).
func readIntegrity(s string, sums *format.Sums) {
	for one := range strings.FieldsSeq(s) {
		one, _, _ = strings.Cut(one, "?")
		kind, encoded, _ := strings.Cut(one, "-")
		b, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			continue
		}
		switch digest := hex.EncodeToString(b); {
		case kind == "sha512" && len(b) == 64:
			sums.SHA512 = digest
		case kind == "sha256" && len(b) == 32:
			sums.SHA256 = digest
		case kind == "sha1" && len(b) == 20:
			sums.SHA1 = digest
		}
	}
}

func isHex(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789abcdef") == ""
}
