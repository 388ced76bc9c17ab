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
// What a version of Gradle does not know would break all of the user's builds.
func gradleScript(name string, r *Request) string {
	insecure := ""
	if parse(r.Endpoint).scheme == "http" {
		insecure = `        if (since('6.0')) {
            allowInsecureProtocol = true
        }
`
	}
	return fmt.Sprintf(`// Written by larder login. The token is in gradle.properties.
def since = { version ->
    org.gradle.util.GradleVersion.current() >= org.gradle.util.GradleVersion.version(version)
}
def repository = { repositories, holder ->
    repositories.maven {
        name = '%[1]s'
        url = '%[2]s'
%[3]s        if (since('6.6')) {
            credentials(PasswordCredentials)
        } else {
            credentials {
                username = holder.%[1]sUsername
                password = holder.%[1]sPassword
            }
        }
    }
}
settingsEvaluated { settings ->
    def plugins = settings.pluginManagement.repositories
    if (plugins.isEmpty()) {
        plugins.gradlePluginPortal()
    }
    repository(plugins, settings)
    if (since('6.8')) {
        repository(settings.dependencyResolutionManagement.repositories, settings)
    }
}
allprojects { project ->
    project.plugins.withId('maven-publish') {
        repository(project.publishing.repositories, project)
    }
    project.afterEvaluate {
        if (!project.repositories.isEmpty()) {
            repository(project.repositories, project)
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
