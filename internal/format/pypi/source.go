package pypi

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/url"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// public reads PyPI and its like: the simple repository API, whose base is
// what pip calls an index URL. It asks for JSON; older servers answer with
// HTML.
var public = format.Source{
	Connections: []string{"public:pypi"},
	Index: func(p larder.PackageRef) format.Request {
		return format.Request{URL: p.Name + "/", Accept: jsonV1 + ", " + htmlV1 + ";q=0.2, " + textHTML + ";q=0.1"}
	},
	Read: readPublic,
	File: func(_ string, _ larder.AssetRef, known *format.Asset) format.Request {
		if known == nil {
			return format.Request{}
		}
		return format.Request{URL: known.URL}
	},
}

// link is a file on a page of another server.
type link struct {
	Filename       string            `json:"filename"`
	URL            string            `json:"url"`
	Hashes         map[string]string `json:"hashes"`
	RequiresPython *string           `json:"requires-python"`
	Size           *int64            `json:"size"`
	UploadTime     time.Time         `json:"upload-time"`
	Yanked         json.RawMessage   `json:"yanked"`
	CoreMetadata   json.RawMessage   `json:"core-metadata"`
	DistInfo       json.RawMessage   `json:"dist-info-metadata"` // the same, before PEP 714
}

// readPublic reads a project's page. It is held as long as its versions are:
// pages have some MB, and their files come in no order.
func readPublic(doc format.Document, p larder.PackageRef) (*format.Package, error) {
	kind, _, _ := mime.ParseMediaType(doc.ContentType)
	body := io.NewSectionReader(doc, 0, doc.Size)
	base, err := url.Parse(doc.URL)
	if err != nil {
		return nil, larder.Errorf(larder.Invalid, "The page stands at no address.")
	}
	var g gathering
	visit := func(l link) error { return g.add(l, base, p.Name) }
	switch kind {
	case jsonV1, "application/json":
		err = readLinksJSON(body, p.Name, visit)
	case htmlV1, textHTML:
		err = readLinksHTML(body, visit)
	default:
		return nil, larder.Errorf(larder.Invalid, "The page is %.64q, which is none of a project's.", kind)
	}
	if err != nil {
		return nil, err
	}
	return &format.Package{Ref: p, Tags: map[string]string{}, Versions: g.versions}, nil
}

// readLinksJSON reads a page (PEP 691), a file at a time.
func readLinksJSON(r io.Reader, name string, visit func(link) error) error {
	d := json.NewDecoder(r)
	invalid := func(err error) error {
		var known *larder.Error
		if errors.As(err, &known) {
			return err
		}
		return &larder.Error{Kind: larder.Invalid, Message: "The page is not the JSON of a project's.", Err: err}
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return invalid(err)
	}
	files := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return invalid(err)
		}
		switch key {
		case "name":
			var got string
			if err := d.Decode(&got); err != nil {
				return invalid(err)
			}
			if normalize(got) != name {
				return larder.Errorf(larder.Invalid, "The page is about %.255q, not %s.", got, name)
			}
		case "files":
			files = true
			if err := eachLink(d, visit); err != nil {
				return invalid(err)
			}
		default:
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return invalid(err)
			}
		}
	}
	if _, err := d.Token(); err != nil || !files {
		return invalid(err)
	}
	return nil
}

func eachLink(d *json.Decoder, visit func(link) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(errors.New("files is no list"), err)
	}
	for d.More() {
		var l link
		if err := d.Decode(&l); err != nil {
			return err
		}
		if err := visit(l); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// gathering brings the files of each version together.
type gathering struct {
	order []string
	found map[string]*format.Version
}

// add takes a file in. What no client would install is left out: eggs,
// installers, and files whose names tell no version.
func (g *gathering) add(l link, base *url.URL, project string) error {
	name, err := parseFilename(l.Filename)
	if err != nil {
		return nil
	}
	version, ok := name.versionOf(project)
	at, err := base.Parse(l.URL)
	if !ok || err != nil || at.Scheme != "http" && at.Scheme != "https" {
		return nil
	}
	at.Fragment = ""
	a := format.Asset{Name: l.Filename, Size: -1, At: l.UploadTime, URL: at.String()}
	a.Sums = format.Sums{MD5: digest(l.Hashes["md5"], 32), SHA256: digest(l.Hashes["sha256"], 64)}
	if l.Size != nil && *l.Size >= 0 {
		a.Size = *l.Size
	}
	var e entry
	if l.RequiresPython != nil && isSpecifier(*l.RequiresPython) {
		e.RequiresPython = *l.RequiresPython
	}
	e.CoreMetadata = metadataDigest(l.CoreMetadata)
	if e.CoreMetadata == "" {
		e.CoreMetadata = metadataDigest(l.DistInfo)
	}
	e.Yanked = yankedFor(l.Yanked)
	if a.Manifest, err = e.encode(); err != nil {
		return err
	}
	if g.found == nil {
		g.found = map[string]*format.Version{}
	}
	v := g.found[version]
	if v == nil {
		v = &format.Version{Version: version, Status: larder.Published, PublishedAt: a.At}
		g.found[version] = v
		g.order = append(g.order, version)
	}
	v.Assets = append(v.Assets, a)
	if e.CoreMetadata != "" {
		companion := format.Asset{Name: a.Name + metadataSuffix, Size: -1, At: a.At, Companion: true, Sums: format.Sums{SHA256: e.CoreMetadata}}
		at.Path += metadataSuffix
		at.RawPath = ""
		companion.URL = at.String()
		v.Assets = append(v.Assets, companion)
	}
	if a.At.Before(v.PublishedAt) {
		v.PublishedAt = a.At
	}
	return nil
}

// versions yields what was gathered.
func (g *gathering) versions(yield func(format.Version, error) bool) {
	for _, name := range g.order {
		if !yield(*g.found[name], nil) {
			return
		}
	}
}

// versionOf returns the version that a file of a project is of.
func (f filename) versionOf(project string) (string, bool) {
	for i := range len(f.stem) {
		if f.stem[i] != '-' || normalize(f.stem[:i]) != project {
			continue
		}
		if v, ok := parseVersion(strings.ReplaceAll(f.stem[i+1:], "_", "-")); ok {
			return v.String(), true
		}
	}
	return "", false
}

// digest is s if it is a digest of that many digits.
func digest(s string, digits int) string {
	s = strings.ToLower(s)
	if len(s) != digits || strings.Trim(s, "0123456789abcdef") != "" {
		return ""
	}
	return s
}

// metadataDigest reads core-metadata: true, false, or digests (PEP 714). One
// that is there without a digest is left out: pip would not check it.
func metadataDigest(raw json.RawMessage) string {
	var sums map[string]string
	if json.Unmarshal(raw, &sums) != nil {
		return ""
	}
	return digest(sums["sha256"], 64)
}

// yankedFor reads yanked: false, true, or why (PEP 592).
func yankedFor(raw json.RawMessage) *string {
	var why *string
	if string(raw) == "true" {
		return new(string)
	}
	if json.Unmarshal(raw, &why) != nil { // false
		return nil
	}
	return why
}
