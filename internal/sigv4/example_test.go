package sigv4_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/sigv4"
)

func ExampleSigner() {
	ctx := context.Background()
	at := time.Date(2026, 11, 22, 2, 48, 15, 0, time.UTC)
	signer := sigv4.Signer{KeyID: "AKIDEXAMPLE", Secret: "secret", Region: "eu-central-1", Service: "codeartifact"}

	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost:8080/v1/authorization-token?domain=acme", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := signer.Sign(r, "", at); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Header.Get("Authorization"))

	verifier := sigv4.Verifier[string]{
		Region: "eu-central-1",
		Now:    func() time.Time { return at.Add(time.Minute) },
		Keys: func(_ context.Context, keyID, _ string) (secret, principal string, err error) {
			if keyID != "AKIDEXAMPLE" {
				return "", "", &larder.Error{
					Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient,
					Message: "The security token included in the request is invalid.",
				}
			}
			return "secret", "alice", nil
		},
	}
	res, err := verifier.Verify(r, "codeartifact", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	domain, _ := res.Query.First("domain")
	fmt.Println(res.Principal, "asks for", domain)

	r.URL.RawQuery = "domain=other"
	_, err = verifier.Verify(r, "codeartifact", nil)
	fmt.Println(larder.AsError(err).Code)

	// Output:
	// AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-central-1/codeartifact/aws4_request, SignedHeaders=host;x-amz-date, Signature=695862c667f52d9cad2867095c2c89380e9cc99daa9d4a9c278e1e0f1aac85e6
	// alice asks for acme
	// InvalidSignature
}
