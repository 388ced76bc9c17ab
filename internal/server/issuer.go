package server

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/outbound"
	"larder.example/larder/internal/webidentity"
)

// maxIssuer is the size of the largest document that is read of an identity
// provider.
const maxIssuer = 1 << 20

// fetchIssuer gets a document of an identity provider. A provider that sends
// us to another host is not believed, since whoever can make it do so could
// have us take another's keys for its own.
func (s *Server) fetchIssuer(ctx context.Context, at string) (webidentity.Document, error) {
	a, err := s.outbound.Get(ctx, outbound.Request{URL: at, Accept: "application/json", Most: maxIssuer})
	if err != nil {
		return webidentity.Document{}, err
	}
	defer a.Body.Close()
	asked, err := url.Parse(at)
	if err != nil {
		return webidentity.Document{}, err
	}
	if got, err := url.Parse(a.URL); err != nil || outbound.HostPort(got) != outbound.HostPort(asked) {
		return webidentity.Document{}, larder.Errorf(larder.Denied, "%s redirects to another host.", asked.Host)
	}
	body, err := io.ReadAll(a.Body)
	return webidentity.Document{Body: body, MaxAge: maxAge(a.Header.Get("Cache-Control"))}, err
}

// maxAge reads how long an answer may be kept (RFC 9111, 5.2.2.1).
func maxAge(control string) time.Duration {
	for part := range strings.SplitSeq(control, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if !strings.EqualFold(name, "max-age") {
			continue
		}
		seconds, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 31)
		if err == nil {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
