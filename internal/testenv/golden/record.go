package golden

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/txtar"
)

// Record is what a case did.
type Record struct {
	Line           string
	Exchanges      []Exchange
	Stdout, Stderr string
	Exit           int
}

// Exchange is a request and its answer.
type Exchange struct {
	Request string // method, path and query, sorted; a line feed; the body
	Answer  Answer
}

// Format writes records as an archive of texts.
func Format(records []Record) []byte {
	a := &txtar.Archive{Comment: []byte("Recorded from the official AWS CLI by tools/goldens.\n\n")}
	add := func(name, text string) {
		if text == "" {
			return
		}
		if !strings.HasSuffix(text, "\n") {
			name, text = name+" without a line feed", text+"\n"
		}
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
	}
	for _, r := range records {
		add("run", r.Line+"\n")
		for _, e := range r.Exchanges {
			add("request", e.Request)
			var head strings.Builder
			fmt.Fprintf(&head, "%d\n", e.Answer.Status)
			for _, name := range slices.Sorted(maps.Keys(e.Answer.Header)) {
				fmt.Fprintf(&head, "%s: %s\n", name, e.Answer.Header.Get(name))
			}
			add("answer", head.String())
			add("body", e.Answer.Body)
		}
		add("stdout", r.Stdout)
		add("stderr", r.Stderr)
		add("exit", strconv.Itoa(r.Exit)+"\n")
	}
	return txtar.Format(a)
}

// Parse reads what Format wrote.
func Parse(text []byte) ([]Record, error) {
	var records []Record
	for _, f := range txtar.Parse(text).Files {
		name, bare := strings.CutSuffix(f.Name, " without a line feed")
		data := string(f.Data)
		if bare {
			data = strings.TrimSuffix(data, "\n")
		}
		if name == "run" {
			records = append(records, Record{Line: strings.TrimSuffix(data, "\n")})
			continue
		}
		if len(records) == 0 {
			return nil, fmt.Errorf("%s before any run", name)
		}
		r := &records[len(records)-1]
		var err error
		switch last := len(r.Exchanges) - 1; name {
		case "request":
			r.Exchanges = append(r.Exchanges, Exchange{Request: data})
		case "answer":
			r.Exchanges[last].Answer, err = parseHead(data)
		case "body":
			r.Exchanges[last].Answer.Body = data
		case "stdout":
			r.Stdout = data
		case "stderr":
			r.Stderr = data
		case "exit":
			r.Exit, err = strconv.Atoi(strings.TrimSpace(data))
		default:
			err = fmt.Errorf("what is %s?", name)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.Line, err)
		}
	}
	return records, nil
}

func parseHead(text string) (Answer, error) {
	a := Answer{Header: http.Header{}}
	status, rest, _ := strings.Cut(text, "\n")
	var err error
	a.Status, err = strconv.Atoi(status)
	for line := range strings.Lines(rest) {
		name, v, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		a.Header.Set(name, v)
	}
	return a, err
}

// Described returns a request as records have it: what says what is asked for,
// in an order that does not depend on the client.
func Described(r *http.Request, body []byte) string {
	query := strings.Split(r.URL.RawQuery, "&")
	slices.Sort(query)
	line := r.Method + " " + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		line += "?" + strings.Join(query, "&")
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form := bytes.Split(bytes.ReplaceAll(body, []byte("+"), []byte("%20")), []byte("&"))
		slices.SortFunc(form, bytes.Compare)
		body = bytes.Join(form, []byte("&"))
	}
	if len(body) > 0 {
		line += "\n" + string(body)
	}
	if hash := r.Header.Get("X-Amz-Content-Sha256"); hash != "" {
		line += "\nX-Amz-Content-Sha256: " + hash
	}
	return line
}

// shown are the headers of answers that clients go by.
var shown = []string{"Content-Type", "Retry-After", "X-Amzn-Errortype", "X-Assetname", "X-Packageversion", "X-Packageversionrevision"}

// Kept returns the headers of an answer that a record keeps.
func Kept(h http.Header) http.Header {
	kept := http.Header{}
	for _, name := range shown {
		if v := h.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return kept
}
