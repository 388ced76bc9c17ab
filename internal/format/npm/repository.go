package npm

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// sourceRepository is where the sources are, as a URL that a browser opens:
// package.json may name a git remote in any of git's spellings, or a hosting
// service's shorthand. What has no page on the web is left out.
func sourceRepository(m *manifest) string {
	spelled := m.text("repository")
	if spelled == "" {
		spelled = m.object.object("repository").text("url")
	}
	return repositoryPage(strings.TrimSpace(spelled))
}

func repositoryPage(spelled string) string {
	if service, repo, ok := strings.Cut(spelled, ":"); ok {
		if host := hosts(service); host != "" {
			return "https://" + host + "/" + strings.TrimPrefix(repo, "/")
		}
	}
	if shorthand().MatchString(spelled) {
		return "https://" + hosts("github") + "/" + spelled
	}
	spelled = strings.TrimPrefix(spelled, "git+")
	if scp := scpLike().FindStringSubmatch(spelled); scp != nil {
		spelled = "ssh://" + scp[1] + "/" + scp[2]
	}
	u, err := url.Parse(spelled)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	switch u.Scheme {
	case "http", "https":
		u.User = nil
	case "git", "ssh":
		u = &url.URL{Scheme: "https", Host: u.Hostname(), Path: u.Path}
	default:
		return ""
	}
	return u.String()
}

// hosts maps the shorthands of hosted-git-info to hosts.
func hosts(service string) string {
	switch service {
	case "github":
		return "github.com"
	case "gitlab":
		return "gitlab.com"
	case "bitbucket":
		return "bitbucket.org"
	case "gist":
		return "gist.github.com"
	case "sourcehut":
		return "git.sr.ht"
	}
	return ""
}

// shorthand matches user/repository, which means GitHub.
var shorthand = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\w-][\w.-]*/[\w.-]+(#\S+)?$`)
})

// scpLike matches git@host:path, which is no URL.
var scpLike = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:ssh://)?((?:[\w.-]+@)[\w.-]+):([^\d/][^:]*)$`)
})
