package npm

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// The bounds of a page of search results, npm's.
const (
	defaultHits = 20
	maxHits     = 250
)

// search answers a search over the repository's packages.
func search(x *format.Exchange) error {
	q := x.R.URL.Query()
	from, size := natural(q.Get("from"), 0), min(natural(q.Get("size"), defaultHits), maxHits)
	text := parseQuery(q.Get("text"))
	hits := []hit{}
	for pkg, err := range x.Registry.Packages(x.R.Context(), x.Repository, larder.NPM, format.Query{Namespace: text.scope}) {
		if err != nil {
			return fmt.Errorf("list packages of %s: %w", x.Repository, err)
		}
		latest, err := find(pkg, latestTag)
		if err != nil {
			return err
		}
		if latest == nil {
			continue
		}
		f, err := found(pkg, latest)
		if err != nil {
			return err
		}
		if rank := text.rank(f); rank > 0 {
			hits = append(hits, hit{f, score{rank, detail{rank, rank, rank}}, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.SearchScore, a.SearchScore) })
	page := hits[min(from, len(hits)):]
	return reply(x, http.StatusOK, struct {
		Objects []hit `json:"objects"`
		Total   int   `json:"total"`
	}{page[:min(size, len(page))], len(hits)})
}

// natural reads a number of a query, or takes the default.
func natural(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

// hit is a package in the answer to a search, in the form of npm's registry.
type hit struct {
	Package     summary `json:"package"`
	Score       score   `json:"score"`
	SearchScore float64 `json:"searchScore"`
}

type score struct {
	Final  float64 `json:"final"`
	Detail detail  `json:"detail"`
}

type detail struct {
	Quality     float64 `json:"quality"`
	Popularity  float64 `json:"popularity"`
	Maintenance float64 `json:"maintenance"`
}

// summary is what clients print of a package. npm fails without maintainers.
type summary struct {
	Name        string            `json:"name"`
	Scope       string            `json:"scope"`
	Version     string            `json:"version"`
	Description string            `json:"description"`
	Keywords    []string          `json:"keywords"`
	Date        string            `json:"date"`
	License     string            `json:"license,omitempty"`
	Links       map[string]string `json:"links"`
	Maintainers []struct{}        `json:"maintainers"`
}

// found summarises a package by its latest version.
func found(pkg *format.Package, latest *format.Version) (summary, error) {
	o, err := parseObject(latest.Manifest)
	if err != nil {
		return summary{}, fmt.Errorf("read manifest of %s %s: %w", pkg.Ref, latest.Version, err)
	}
	m := &manifest{object: o}
	s := summary{
		Name:        displayed(pkg.Ref),
		Scope:       cmp.Or(pkg.Ref.Namespace, "unscoped"),
		Version:     latest.Version,
		Description: o.text("description"),
		Keywords:    []string{},
		Date:        latest.PublishedAt.UTC().Format(milliseconds),
		License:     o.text("license"),
		Links:       map[string]string{},
		Maintainers: []struct{}{},
	}
	for _, raw := range o.list("keywords") {
		s.Keywords = append(s.Keywords, text(raw))
	}
	for name, url := range map[string]string{
		"homepage":   homePage(m),
		"repository": sourceRepository(m),
		"bugs":       webPage(o.object("bugs").text("url")),
	} {
		if url != "" {
			s.Links[name] = url
		}
	}
	return s, nil
}

// query is what a search asks for: words, all of which must be in the name,
// the description or the keywords, and npm's qualifiers keywords:a,b (any of
// them) and scope:name.
type query struct {
	words, keywords []string
	scope           string
}

func parseQuery(text string) query {
	var q query
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		switch qualifier, value, _ := strings.Cut(word, ":"); qualifier {
		case "keywords":
			q.keywords = append(q.keywords, strings.Split(value, ",")...)
		case "scope":
			q.scope = strings.TrimPrefix(value, "@")
		default:
			q.words = append(q.words, word)
		}
	}
	return q
}

// rank is 0 for a package that does not match, and greater the more of the
// query is in its name.
func (q query) rank(s summary) float64 {
	name := strings.ToLower(s.Name)
	_, bare, scoped := strings.Cut(name, "/")
	if !scoped {
		bare = name
	}
	all := strings.ToLower(name + "\n" + s.Description + "\n" + strings.Join(s.Keywords, "\n"))
	hasKeyword := len(q.keywords) == 0 || slices.ContainsFunc(s.Keywords, func(k string) bool {
		return slices.Contains(q.keywords, strings.ToLower(k))
	})
	if !hasKeyword || q.scope != "" && q.scope != strings.ToLower(s.Scope) {
		return 0
	}
	inName, exact := 0, 0
	for _, word := range q.words {
		if !strings.Contains(all, word) {
			return 0
		}
		if strings.Contains(name, word) {
			inName++
		}
		if word == name || word == bare {
			exact++
		}
	}
	n := float64(max(len(q.words), 1))
	return 0.5 + 0.3*float64(inName)/n + 0.2*float64(exact)/n
}
