package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"larder.example/larder/internal/cli/value"
)

const containerHost = "http://169.254.170.2"

var errHost = errors.New("Unsupported host: only loopback, the addresses of the ECS and EKS agents, and https are allowed") //nolint:staticcheck // a sentence for users

// container asks the agent of the container that we run in.
func (c *Chain) container(ctx context.Context) (Keys, error) {
	address := c.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := c.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		address = containerHost + path
	}
	if address == "" {
		return Keys{}, nil
	}
	if err := allowedAgent(ctx, address); err != nil {
		return Keys{}, err
	}
	h := http.Header{}
	token := c.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if file := c.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return Keys{}, retrieval("container-role", err.Error())
		}
		token = string(text)
	}
	if strings.ContainsAny(token, "\r\n") {
		return Keys{}, retrieval("container-role", "Auth token value is not a legal header value")
	}
	if token != "" {
		h.Set("Authorization", token)
	}
	text, err := get(ctx, &http.Client{Timeout: 2 * time.Second}, http.MethodGet, address, h)
	if err != nil {
		return Keys{}, retrieval("container-role", err.Error())
	}
	return agentKeys(text, "the container")
}

// allowedAgent refuses to send what lets us in to any address.
func allowedAgent(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Scheme == "https" {
		return nil
	}
	addresses := []string{u.Hostname()}
	if _, err := netip.ParseAddr(u.Hostname()); err != nil {
		if addresses, err = net.DefaultResolver.LookupHost(ctx, u.Hostname()); err != nil {
			return err
		}
	}
	for _, text := range addresses {
		a, err := netip.ParseAddr(text)
		if err != nil || !a.IsLoopback() && text != "169.254.170.2" && text != "169.254.170.23" && text != "fd00:ec2::23" {
			return errHost
		}
	}
	return nil
}

func agentKeys(text, source string) (Keys, error) {
	v, err := value.ParseJSON(text)
	o, ok := v.(*value.Object)
	if err != nil || !ok || o.Text("AccessKeyId") == "" {
		return Keys{}, retrieval(source, "the answer has no credentials")
	}
	k := Keys{ID: o.Text("AccessKeyId"), Secret: o.Text("SecretAccessKey"), Token: o.Text("Token"), Source: source}
	k.Expires, _ = parseTime(o.Text("Expiration")) // some agents say none
	return k, nil
}

// instance asks the machine that we run on, if it is one of EC2's. Whoever is
// none does not answer, so there is one attempt, and it is short.
func (c *Chain) instance(ctx context.Context) Keys {
	const path = "/latest/meta-data/iam/security-credentials/"
	role, err := c.Metadata(ctx, path)
	if err != nil {
		return Keys{}
	}
	role, _, _ = strings.Cut(strings.TrimSpace(role), "\n")
	text, err := c.Metadata(ctx, path+role)
	if err != nil {
		return Keys{}
	}
	k, err := agentKeys(text, "the instance")
	if err != nil {
		return Keys{}
	}
	return k
}

var errNoMetadata = errors.New("instance metadata is turned off")

// Metadata reads what the machine says of itself, if it is one of EC2's.
func (c *Chain) Metadata(ctx context.Context, path string) (string, error) {
	if strings.EqualFold(c.Getenv("AWS_EC2_METADATA_DISABLED"), "true") {
		return "", errNoMetadata
	}
	base := strings.TrimSuffix(cmp.Or(c.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT"), "http://169.254.169.254"), "/")
	wait := time.Second
	if n, err := strconv.Atoi(c.Getenv("AWS_METADATA_SERVICE_TIMEOUT")); err == nil && n > 0 {
		wait = time.Duration(n) * time.Second
	}
	client := &http.Client{Timeout: wait, Transport: &http.Transport{DisableKeepAlives: true}} // and no proxy
	token, err := get(ctx, client, http.MethodPut, base+"/latest/api/token", http.Header{"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": {"21600"}})
	if err != nil {
		return "", err
	}
	return get(ctx, client, http.MethodGet, base+path, http.Header{"X-Aws-Ec2-Metadata-Token": {token}})
}

func get(ctx context.Context, client *http.Client, method, address string, h http.Header) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return "", err
	}
	r.Header = h
	res, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(res.Body, most))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", r.URL.Host, res.Status)
	}
	return string(text), err
}
