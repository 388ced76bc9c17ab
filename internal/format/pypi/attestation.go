package pypi

import (
	"bytes"
	"encoding/json"
	"strings"

	"larder.example/larder"
)

// attestation is what of an attestation (PEP 740) concerns us: a statement of
// in-toto in an envelope.
type attestation struct {
	Version  int `json:"version"`
	Envelope struct {
		Statement []byte `json:"statement"` // base64 of JSON
	} `json:"envelope"`
}

// statement is what an attestation states, as far as it says about what.
type statement struct {
	Subject []struct {
		Name   string `json:"name"`
		Digest struct {
			SHA256 string `json:"sha256"`
		} `json:"digest"`
	} `json:"subject"`
}

// provenanceOf returns the provenance object of a file: the attestations that
// an upload came with, each of which must be about it.
func provenanceOf(text, filename, sha256 string) ([]byte, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil || len(raw) == 0 {
		return nil, larder.Errorf(larder.Invalid, "The attestations are not a JSON array of attestations.")
	}
	for i, r := range raw {
		if why := misattested(r, filename, sha256); why != "" {
			return nil, larder.Errorf(larder.Invalid, "Attestation %d of the upload %s.", i+1, why)
		}
	}
	type bundle struct {
		Publisher    map[string]string `json:"publisher"`
		Attestations []json.RawMessage `json:"attestations"`
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		Version int      `json:"version"`
		Bundles []bundle `json:"attestation_bundles"`
	}{1, []bundle{{map[string]string{"kind": "unverified"}, raw}}})
	return b.Bytes(), err
}

// misattested says why an attestation is none of the file, or nothing.
func misattested(raw json.RawMessage, filename, sha256 string) string {
	var a attestation
	var s statement
	if err := json.Unmarshal(raw, &a); err != nil || a.Version != 1 {
		return "is none of version 1"
	}
	if err := json.Unmarshal(a.Envelope.Statement, &s); err != nil || len(s.Subject) != 1 {
		return "states nothing about one file"
	}
	subject := s.Subject[0]
	if subject.Name != filename || !strings.EqualFold(subject.Digest.SHA256, sha256) {
		return "is about another file"
	}
	return ""
}
