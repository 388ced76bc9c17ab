package pypi

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"larder.example/larder"
)

// maxText bounds the text of a link.
const maxText = 4 << 10

// readLinksHTML reads a page as PEP 503 has it: every anchor is a file. A page
// without the marks of one, such as a proxy's excuse, is none.
func readLinksHTML(r io.Reader, visit func(link) error) error {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(1 << 20)
	var open *link
	anchors, title := 0, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				return &larder.Error{Kind: larder.Invalid, Message: "The page is no HTML.", Err: err}
			}
			if anchors == 0 && !title {
				return larder.Errorf(larder.Invalid, "The page has nothing of a project's.")
			}
			return nil
		case html.StartTagToken:
			t := z.Token()
			title = title || t.DataAtom == atom.Meta && attribute(t, "name") == "pypi:repository-version"
			if t.DataAtom == atom.A {
				l := anchor(t)
				open = &l
			}
		case html.SelfClosingTagToken:
			t := z.Token()
			title = title || t.DataAtom == atom.Meta && attribute(t, "name") == "pypi:repository-version"
		case html.TextToken:
			if open != nil && len(open.Filename) < maxText {
				open.Filename += string(z.Text())
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) != "a" || open == nil {
				continue
			}
			open.Filename = strings.TrimSpace(open.Filename)
			if err := visit(*open); err != nil {
				return err
			}
			open = nil
			anchors++
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

func attribute(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// anchor reads what a link says of its file beside the name.
func anchor(t html.Token) link {
	var l link
	for _, a := range t.Attr {
		switch a.Key {
		case "href":
			l.URL = a.Val
			if u, err := url.Parse(a.Val); err == nil {
				if kind, sum, ok := strings.Cut(u.Fragment, "="); ok {
					l.Hashes = map[string]string{kind: sum}
				}
			}
		case "data-requires-python":
			l.RequiresPython = &a.Val
		case "data-upload-time":
			l.UploadTime, _ = time.Parse(time.RFC3339, a.Val)
		case "data-yanked":
			l.Yanked, _ = json.Marshal(a.Val) // a string never fails
		case "data-core-metadata", "data-dist-info-metadata":
			if kind, sum, ok := strings.Cut(a.Val, "="); ok && l.CoreMetadata == nil {
				l.CoreMetadata, _ = json.Marshal(map[string]string{kind: sum}) // the same
			}
		}
	}
	return l
}
