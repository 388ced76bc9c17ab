package restjson

import "larder.example/larder/internal/wire"

// Protocol speaks restJson1, as a server and as a client.
type Protocol struct{}

// Route finds an operation by method and path. Paths are compared as they are
// escaped on the wire: no operation's needs escaping.
func (Protocol) Route(r *wire.Request) (wire.Key, error) {
	return wire.Key{Method: r.HTTP.Method, Path: r.HTTP.URL.EscapedPath()}, nil
}

// contentType of documents, and of payloads of which the model says nothing.
const (
	contentType        = "application/json"
	payloadContentType = "application/octet-stream"
)
