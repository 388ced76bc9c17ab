package npm

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// attest keeps the provenance bundle of a publish with its manifest. It must
// be about the published bytes: a DSSE envelope around an in-toto statement
// whose subject is them. Whether to trust its signature is for clients to
// decide, who have sigstore's roots.
func (d *document) attest(m *manifest) error {
	statement, err := d.statement()
	if err != nil {
		return err
	}
	sha512 := d.tarball.upload.Sums().SHA512
	if !statement.isAbout(sha512) {
		return larder.Errorf(larder.Invalid, "the provenance bundle is not about this tarball, whose sha512 is %s", sha512)
	}
	type provenance struct {
		PredicateType string `json:"predicateType"`
	}
	dist := m.object.object("dist")
	dist.put("attestations", map[string]provenance{"provenance": {statement.PredicateType}})
	m.set("dist", dist.encode())

	type attestation struct {
		PredicateType string          `json:"predicateType"`
		Bundle        json.RawMessage `json:"bundle"`
	}
	apart := m.object.object(apartKey)
	apart.put("attestations", []attestation{{statement.PredicateType, json.RawMessage(d.bundle)}})
	m.set(apartKey, apart.encode())
	return nil
}

// statement is what an in-toto statement of a bundle says.
type statement struct {
	PredicateType string `json:"predicateType"`
	Subject       []struct {
		Name   string `json:"name"`
		Digest struct {
			SHA512 string `json:"sha512"`
		} `json:"digest"`
	} `json:"subject"`
}

func (s statement) isAbout(sha512 string) bool {
	for _, subject := range s.Subject {
		if subject.Digest.SHA512 == sha512 {
			return true
		}
	}
	return false
}

func (d *document) statement() (statement, error) {
	var bundle struct {
		Envelope struct {
			Payload string `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	var s statement
	if err := json.Unmarshal([]byte(d.bundle), &bundle); err != nil {
		return s, larder.Errorf(larder.Invalid, "the provenance bundle is not JSON: %v", err)
	}
	payload, err := base64.StdEncoding.DecodeString(bundle.Envelope.Payload)
	if err == nil {
		err = json.Unmarshal(payload, &s)
	}
	if err != nil || s.PredicateType == "" {
		return s, larder.Errorf(larder.Invalid, "the provenance bundle holds no in-toto statement")
	}
	return s, nil
}

// attestationsPath is where a version's attestations are, as npm's registry
// has it: the scope's slash is escaped.
func attestationsPath(p larder.PackageRef, version string) string {
	return "-/npm/v1/attestations/" + strings.Replace(displayed(p), "/", "%2f", 1) + "@" + version
}

// getAttestations answers with what attest kept.
func getAttestations(x *format.Exchange) error {
	_, _, version := attested(x.R)
	return x.Render("attestations "+version, jsonType, func(ctx context.Context, w io.Writer) (string, error) {
		pkg, err := x.Registry.Package(ctx, x.Package)
		if err != nil {
			return "", err
		}
		v, err := find(pkg, version)
		if err != nil {
			return "", err
		}
		if v == nil {
			return "", noVersion(x.Package, version)
		}
		m, err := parseObject(v.Manifest)
		if err != nil {
			return "", fmt.Errorf("read manifest of %s %s: %w", x.Package, version, err)
		}
		kept, ok := m.object(apartKey).values["attestations"]
		if !ok {
			return "", larder.Errorf(larder.NotFound, "Not found: %s@%s has no attestations", displayed(x.Package), version)
		}
		_, err = fmt.Fprintf(w, `{"attestations":%s}`, kept)
		return pkg.Stamp, err
	})
}

// attested reads name@version, scoped or not, from the request line.
func attested(r *http.Request) (namespace, name, version string) {
	spec := r.PathValue("spec")
	if at := strings.LastIndexByte(spec, '@'); at > 0 {
		spec, version = spec[:at], spec[at+1:]
	}
	namespace, name, _ = cut(spec)
	return namespace, name, version
}

func attestedPackage(r *http.Request) (namespace, name string, err error) {
	namespace, name, _ = attested(r)
	return namespace, name, nil
}
