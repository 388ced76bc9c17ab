package outbound

import (
	"net/url"
	"os"
	"sync"
)

// proxies are those that the environment names, as net/http reads it: once.
var proxies = sync.OnceValue(func() []string {
	var all []string
	for _, name := range [...]string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		if u, err := url.Parse(os.Getenv(name)); err == nil && u.Host != "" {
			all = append(all, HostPort(u))
		}
	}
	return all
})
