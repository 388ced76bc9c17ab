package helper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// cargoRequest is a line that cargo writes [Cargo book, credential provider
// protocol, version 1].
type cargoRequest struct {
	Version  int    `json:"v"`
	Kind     string `json:"kind"` // get, login, logout
	Registry struct {
		Index string `json:"index-url"`
	} `json:"registry"`
}

type cargoAnswer struct {
	OK    *cargoToken   `json:"Ok,omitempty"`
	Error *cargoFailure `json:"Err,omitempty"`
}

type cargoToken struct {
	Kind        string `json:"kind"`
	Token       string `json:"token"`
	Cache       string `json:"cache"`
	Expiration  int64  `json:"expiration,omitempty"`
	Independent bool   `json:"operation_independent"` // good for publishing too
}

type cargoFailure struct {
	Kind    string `json:"kind"`
	Message string `json:"message,omitempty"`
}

// cargoLongest is how long a line of cargo's may be.
const cargoLongest = 1 << 20

// cargo speaks the protocol if it is told to, and else prints the token for
// the index that a variable names, which is what cargo:token-from-stdout
// wants.
func cargo(ctx context.Context, c *Call) error {
	if !slices.Contains(c.Args, "--cargo-plugin") {
		index := c.Getenv("CARGO_REGISTRY_INDEX_URL")
		if index == "" {
			index = c.Address
		}
		cred, err := c.Source.Credential(ctx, cargoIndex(index))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.Stdout, cred.Token)
		return err
	}
	if _, err := io.WriteString(c.Stdout, `{"v":[1]}`+"\n"); err != nil {
		return err
	}
	lines := bufio.NewScanner(c.Stdin)
	lines.Buffer(nil, cargoLongest)
	for lines.Scan() {
		line, err := json.Marshal(cargoReply(ctx, c, lines.Bytes()))
		if err != nil {
			return err
		}
		if _, err := c.Stdout.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}

// cargoReply answers one request. Logging in is for "larder login", and out
// there is nothing to forget.
func cargoReply(ctx context.Context, c *Call, line []byte) cargoAnswer {
	var r cargoRequest
	if err := json.Unmarshal(line, &r); err != nil {
		return cargoAnswer{Error: &cargoFailure{Kind: "other", Message: "the request is no JSON: " + err.Error()}}
	}
	if r.Version != 1 || r.Kind != "get" {
		return cargoAnswer{Error: &cargoFailure{Kind: "operation-not-supported"}}
	}
	cred, err := c.Source.Credential(ctx, cargoIndex(r.Registry.Index))
	switch {
	case errors.Is(err, ErrElsewhere):
		return cargoAnswer{Error: &cargoFailure{Kind: "url-not-supported"}}
	case err != nil:
		return cargoAnswer{Error: &cargoFailure{Kind: "other", Message: err.Error()}}
	}
	t := cargoToken{Kind: "get", Token: cred.Token, Cache: "session", Independent: true}
	if !cred.Expires.IsZero() {
		t.Cache, t.Expiration = "expires", cred.Expires.Unix()
	}
	return cargoAnswer{OK: &t}
}

func cargoIndex(index string) string { return strings.TrimPrefix(index, "sparse+") }
