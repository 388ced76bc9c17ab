package login

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// gradle gets the token as properties, which is where a repository of the
// same name with credentials(PasswordCredentials) finds it, and a script that
// makes that repository known to every build.
func gradle(_ context.Context, h *Host, r *Request) ([]act, error) {
	dir := h.Getenv("GRADLE_USER_HOME")
	if dir == "" {
		dir = filepath.Join(h.Home, ".gradle")
	}
	name := camel(r.label())
	return []act{
		{
			path: filepath.Join(dir, "gradle.properties"),
			edit: func(old []byte) ([]byte, error) {
				return assign(old, pair{name + "Username", "aws"}, pair{name + "Password", r.Token}), nil
			},
		},
		{
			path: filepath.Join(dir, "init.d", "larder-"+r.label()+".gradle"),
			edit: func([]byte) ([]byte, error) { return []byte(gradleScript(name, r)), nil },
		},
	}, nil
}

// gradleScript adds the repository where Gradle looks for plugins, for
// libraries and for where to publish to. A project that has no repositories of
// its own is left without, or it would not look at those of its settings.
func gradleScript(name string, r *Request) string {
	insecure := ""
	if parse(r.Endpoint).scheme == "http" {
		insecure = "        allowInsecureProtocol = true\n"
	}
	return fmt.Sprintf(`// Written by larder login. The token is in gradle.properties.
def repository = { repositories ->
    repositories.maven {
        name = '%s'
        url = '%s'
%s        credentials(PasswordCredentials)
    }
}
settingsEvaluated { settings ->
    def plugins = settings.pluginManagement.repositories
    if (plugins.isEmpty()) {
        plugins.gradlePluginPortal()
    }
    repository(plugins)
    repository(settings.dependencyResolutionManagement.repositories)
}
allprojects { project ->
    project.plugins.withId('maven-publish') {
        repository(project.publishing.repositories)
    }
    project.afterEvaluate {
        if (!project.repositories.isEmpty()) {
            repository(project.repositories)
        }
    }
}
`, name, r.Endpoint, insecure)
}

// camel spells a label as one word: Gradle takes the names of such properties
// apart at nothing but letters and digits.
func camel(label string) string {
	var b strings.Builder
	for i, word := range strings.FieldsFunc(label, func(c rune) bool { return c == '-' || c == '_' }) {
		if i > 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		b.WriteString(word)
	}
	return b.String()
}
