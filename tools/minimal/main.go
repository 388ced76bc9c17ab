// Minimal obtains an authorization token for the domain team and does nothing
// else: what larder get-authorization-token is measured against. The address,
// the region and the keys are in the environment.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"larder.example/larder/internal/sigv4"
)

func main() {
	if err := ask(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "minimal:", err)
		os.Exit(1)
	}
}

func ask(w io.Writer) error {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, os.Getenv("AWS_ENDPOINT_URL")+"/v1/authorization-token?domain=team", nil)
	if err != nil {
		return err
	}
	signer := sigv4.Signer{
		KeyID: os.Getenv("AWS_ACCESS_KEY_ID"), Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		Region: os.Getenv("AWS_REGION"), Service: "codeartifact",
	}
	if err := signer.Sign(r, "", time.Now()); err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", answer.Status)
	}
	_, err = io.Copy(w, answer.Body)
	return err
}
