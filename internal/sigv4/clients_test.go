package sigv4

import (
	"strings"
	"testing"
	"time"
)

// clientRequest is a random request that another signer signed, as it was
// sent. Bodies hold one character a byte.
type clientRequest struct {
	By             string // botocore 1.44.8 or @smithy/signature-v4
	Method, Target string
	Header         [][2]string
	Body           string
	Service        string
	Region         string
	ID, Secret     string
	Token          string
	At             time.Time
}

func (c clientRequest) wire() wire {
	var body strings.Builder
	for _, char := range c.Body {
		body.WriteByte(byte(char))
	}
	return wire{method: c.Method, target: c.Target, header: c.Header, body: body.String()}
}

func TestRequestsOfOtherSigners(t *testing.T) {
	forms := map[string]int{}
	for i, c := range readLines[clientRequest](t, "clients.jsonl") {
		v := &Verifier[string]{Region: c.Region, Now: clock(c.At), Keys: oneKey(c.ID, c.Secret, c.Token), Debug: true}
		w := c.wire()
		form := c.By + " headers"
		if strings.Contains(w.target, "X-Amz-Signature=") {
			form = c.By + " presigned"
		}
		forms[form]++
		if _, err := w.verify(v, c.Service); err != nil {
			t.Errorf("line %d, %s: %s %s: %v", i+1, form, w.method, w.target, err)
		}
	}
	if len(forms) != 4 {
		t.Errorf("got requests of %v, want both forms of both signers", forms)
	}
}
