package awsquery

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// Protocol speaks the Query protocol, as a server and as a client.
type Protocol struct{}

// noVersion stands for the version of a request that names none, as AWS has
// it in its answer.
const noVersion = "NO_VERSION_SPECIFIED"

// Route finds an operation by its action and version.
func (Protocol) Route(r *wire.Request) (wire.Key, error) {
	if !atRoot(r.HTTP) {
		return wire.Key{Method: r.HTTP.Method, Path: r.HTTP.URL.EscapedPath()}, nil
	}
	if err := readForm(r); err != nil {
		return wire.Key{}, err
	}
	key := wire.Key{Version: noVersion}
	key.Action, _ = parameter(r, "Action")
	if version, ok := parameter(r, "Version"); ok {
		key.Version = version
	}
	return key, nil
}

// atRoot reports whether a request is one of the protocol at all.
func atRoot(r *http.Request) bool {
	return r.URL.Path == "/" && (r.Method == http.MethodPost || r.Method == http.MethodGet)
}

// readForm decodes the body and the query of a request.
func readForm(r *wire.Request) error {
	if err := r.Buffer(); err != nil {
		return err
	}
	if err := r.ParseQuery(); err != nil {
		return err
	}
	if r.Form != nil || r.HTTP.Method != http.MethodPost {
		return nil
	}
	var err error
	if r.Form, err = wire.ParseForm(string(r.Body)); err != nil {
		return &larder.Error{Kind: larder.Invalid, Code: wire.CodeCannotParse, Message: "The form cannot be decoded.", Err: err}
	}
	return nil
}

// parameter returns a parameter of the form or else of the query.
func parameter(r *wire.Request, name string) (string, bool) {
	if value, ok := wire.First(r.Form, name); ok {
		return value, true
	}
	return wire.First(r.Query, name)
}

// namespace returns the XML namespace of an operation's answers.
func namespace(op wire.Info) string {
	return "https://" + op.Service + ".amazonaws.com/doc/" + op.Version + "/"
}
