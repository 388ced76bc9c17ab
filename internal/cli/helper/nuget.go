package helper

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// nuget speaks the protocol of NuGet's cross-platform plugins, or, where it is
// asked by -uri, the older one of credential providers.
func nuget(ctx context.Context, c *Call) error {
	if i := slices.IndexFunc(c.Args, func(a string) bool { return strings.EqualFold(a, "-uri") }); i >= 0 && i+1 < len(c.Args) {
		return nugetProvider(ctx, c, c.Args[i+1])
	}
	if !slices.ContainsFunc(c.Args, func(a string) bool { return strings.EqualFold(a, "-plugin") }) {
		return errors.New("want: -Plugin, or -Uri ADDRESS [-NonInteractive] [-IsRetry]")
	}
	p := nugetPlugin{call: c, out: json.NewEncoder(c.Stdout)}
	return p.run(ctx)
}

// nugetProvider answers one question. NuGet takes exit code 1 for "not mine".
func nugetProvider(ctx context.Context, c *Call, address string) error {
	if slices.ContainsFunc(c.Args, func(a string) bool { return strings.EqualFold(a, "-isretry") }) {
		if err := c.Source.Refused(ctx, address); err != nil {
			return err
		}
	}
	cred, err := c.Source.Credential(ctx, address)
	if errors.Is(err, ErrElsewhere) {
		return ErrNone
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(c.Stdout).Encode(map[string]any{
		"Username": user, "Password": cred.Token, "Message": "", "AuthTypes": []string{"basic"},
	})
}

// nugetPlugin is a conversation: lines of JSON in both directions, of which
// each side may ask [NuGet, cross-platform plugins, protocol 2.0.0].
type nugetPlugin struct {
	call *Call
	out  *json.Encoder
}

type nugetMessage struct {
	ID      string          `json:"RequestId"`
	Type    string          `json:"Type"`
	Method  string          `json:"Method"`
	Payload json.RawMessage `json:"Payload,omitempty"`
}

// nugetLongest is how long a message may be.
const nugetLongest = 1 << 20

func (p *nugetPlugin) run(ctx context.Context) error {
	hello := nugetVersions{Protocol: "2.0.0", Minimum: "1.0.0"}
	if err := p.send(rand.Text(), "Request", "Handshake", hello); err != nil {
		return err
	}
	lines := bufio.NewScanner(p.call.Stdin)
	lines.Buffer(nil, nugetLongest)
	for lines.Scan() {
		var m nugetMessage
		line := bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff"))
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("read NuGet's message: %w", err)
		}
		if m.Type != "Request" {
			continue // the answer to our Handshake, or of no consequence
		}
		if m.Method == "Close" {
			return nil
		}
		if err := p.send(m.ID, "Response", m.Method, p.reply(ctx, m)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (p *nugetPlugin) send(id, kind, method string, payload any) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return err
	}
	return p.out.Encode(nugetMessage{ID: id, Type: kind, Method: method, Payload: text})
}

type nugetVersions struct {
	Code     string `json:"ResponseCode,omitempty"`
	Protocol string `json:"ProtocolVersion"`
	Minimum  string `json:"MinimumProtocolVersion,omitempty"`
}

type nugetCode struct {
	Code string `json:"ResponseCode"`
}

type nugetCredential struct {
	Code     string   `json:"ResponseCode"`
	Username string   `json:"Username,omitempty"`
	Password string   `json:"Password,omitempty"`
	Message  string   `json:"Message,omitempty"`
	Types    []string `json:"AuthenticationTypes,omitempty"`
}

// reply returns the payload that answers a request. What is asked of other
// kinds of plugin is not ours.
func (p *nugetPlugin) reply(ctx context.Context, m nugetMessage) any {
	switch m.Method {
	case "Handshake":
		return nugetVersions{Code: "Success", Protocol: "2.0.0"}
	case "Initialize", "SetLogLevel", "MonitorNuGetProcessExit", "SetCredentials":
		return nugetCode{"Success"}
	case "GetOperationClaims":
		return p.claims(m.Payload)
	case "GetAuthenticationCredentials":
		return p.credential(ctx, m.Payload)
	default:
		return nugetCode{"NotFound"}
	}
}

// claims says that we authenticate: NuGet asks once without any source, and of
// each source what else a plugin would do for it.
func (p *nugetPlugin) claims(payload json.RawMessage) any {
	var r struct {
		Source *string `json:"PackageSourceRepository"`
	}
	claims := []string{}
	if err := json.Unmarshal(payload, &r); err == nil && r.Source == nil {
		claims = []string{"Authentication"}
	}
	return map[string]any{"Claims": claims}
}

func (p *nugetPlugin) credential(ctx context.Context, payload json.RawMessage) any {
	var r struct {
		URI     string `json:"Uri"`
		IsRetry bool   `json:"IsRetry"`
	}
	if err := json.Unmarshal(payload, &r); err != nil {
		return nugetCredential{Code: "Error", Message: "the request is not understood: " + err.Error()}
	}
	if r.IsRetry {
		if err := p.call.Source.Refused(ctx, r.URI); err != nil {
			return nugetCredential{Code: "Error", Message: err.Error()}
		}
	}
	cred, err := p.call.Source.Credential(ctx, r.URI)
	switch {
	case errors.Is(err, ErrElsewhere):
		return nugetCredential{Code: "NotFound"}
	case err != nil:
		return nugetCredential{Code: "Error", Message: err.Error()}
	}
	return nugetCredential{Code: "Success", Username: user, Password: cred.Token, Types: []string{"basic"}}
}
