package login

import (
	"context"
	"regexp"
	"strings"
	"sync"
)

func nuget(ctx context.Context, h *Host, r *Request) ([]act, error) {
	name, known, err := nugetSource(ctx, h, r, "nuget", "sources", "list", "-format", "detailed")
	if err != nil {
		return nil, err
	}
	verb := "add"
	if known {
		verb = "update"
	}
	return []act{nugetAct(name, known, "nuget", "sources", verb,
		"-name", name, "-source", nugetIndex(r), "-username", "aws", "-password", r.Token)}, nil
}

func dotnet(ctx context.Context, h *Host, r *Request) ([]act, error) {
	name, known, err := nugetSource(ctx, h, r, "dotnet", "nuget", "list", "source", "--format", "detailed")
	if err != nil {
		return nil, err
	}
	argv := []string{"dotnet", "nuget", "add", "source", nugetIndex(r), "--name", name}
	if known {
		argv = []string{"dotnet", "nuget", "update", "source", name, "--source", nugetIndex(r)}
	}
	argv = append(argv, "--username", "aws", "--password", r.Token)
	if h.OS != "windows" { // where NuGet has nothing to encrypt it with
		argv = append(argv, "--store-password-in-clear-text")
	}
	return []act{nugetAct(name, known, argv...)}, nil
}

func nugetAct(name string, known bool, argv ...string) act {
	a := act{argv: argv, quiet: true, failed: "Failed to update the NuGet.Config"}
	if known {
		a.done = "Updated source " + name + " in the NuGet.Config"
	} else {
		a.done = "Added source " + name + " to the user level NuGet.Config"
	}
	return a
}

func nugetIndex(r *Request) string { return r.Endpoint + "v3/index.json" }

// nugetSource returns the name of the source that is to be updated, or the
// one that is to be added.
func nugetSource(ctx context.Context, h *Host, r *Request, argv ...string) (name string, known bool, err error) {
	listing, err := ask(ctx, h, argv...)
	if err != nil {
		return "", false, err
	}
	name = r.Domain + "/" + r.Repository
	for _, s := range nugetSources(string(listing)) {
		if s.url == nugetIndex(r) {
			return s.name, true, nil
		}
		known = known || s.name == name
	}
	return name, known, nil
}

type source struct{ name, url string }

// numbered matches the first of the two lines that a source is listed on.
var numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+\.\s(.+)\s\[.*\]`) })

func nugetSources(listing string) []source {
	var lines []string
	for line := range strings.Lines(listing) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	var found []source
	for i, line := range lines {
		if m := numbered().FindStringSubmatch(line); m != nil && i+1 < len(lines) {
			found = append(found, source{name: strings.TrimSpace(m[1]), url: lines[i+1]})
		}
	}
	return found
}
