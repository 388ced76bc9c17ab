package login

import "strings"

// Environ returns what tells a package manager by its environment what a
// login tells it by files, as NAME=VALUE. What has no such variables gets the
// token alone, by the name that CodeArtifact's guide gives it.
func (t Tool) Environ(r *Request) []string {
	found := []string{"CODEARTIFACT_AUTH_TOKEN=" + r.Token}
	if t.environ != nil {
		found = append(found, t.environ(r)...)
	}
	return found
}

// npm keeps keys that begin with // as they are, and changes _ to - in others.
func npmEnviron(r *Request) []string {
	return []string{
		"npm_config_registry=" + r.Endpoint,
		"npm_config_" + npmAuth(r, "_authToken") + "=" + r.Token,
	}
}

func pnpmEnviron(r *Request) []string {
	return []string{
		"pnpm_config_registry=" + r.Endpoint,
		"pnpm_config_" + npmAuth(r, "_authToken") + "=" + r.Token,
	}
}

func yarnEnviron(r *Request) []string {
	found := []string{
		"YARN_NPM_REGISTRY_SERVER=" + r.Endpoint,
		"YARN_NPM_AUTH_TOKEN=" + r.Token,
		"YARN_NPM_ALWAYS_AUTH=true",
	}
	if a := parse(r.Endpoint); a.scheme == "http" {
		found = append(found, "YARN_UNSAFE_HTTP_WHITELIST="+a.host())
	}
	return found
}

func bunEnviron(r *Request) []string {
	return []string{"BUN_CONFIG_REGISTRY=" + r.Endpoint, "BUN_CONFIG_TOKEN=" + r.Token}
}

func pipEnviron(r *Request) []string {
	return []string{"PIP_INDEX_URL=" + parse(r.Endpoint).with(r.Token) + "simple/"}
}

func twineEnviron(r *Request) []string {
	return []string{"TWINE_REPOSITORY_URL=" + r.Endpoint, "TWINE_USERNAME=aws", "TWINE_PASSWORD=" + r.Token}
}

func uvEnviron(r *Request) []string {
	return []string{
		"UV_DEFAULT_INDEX=" + r.label() + "=" + r.Endpoint + "simple/",
		"UV_INDEX_" + r.variable() + "_USERNAME=aws", "UV_INDEX_" + r.variable() + "_PASSWORD=" + r.Token,
		"UV_PUBLISH_URL=" + r.Endpoint, "UV_PUBLISH_USERNAME=aws", "UV_PUBLISH_PASSWORD=" + r.Token,
	}
}

func poetryEnviron(r *Request) []string {
	return []string{
		"POETRY_REPOSITORIES_" + r.variable() + "_URL=" + r.Endpoint,
		"POETRY_HTTP_BASIC_" + r.variable() + "_USERNAME=aws", "POETRY_HTTP_BASIC_" + r.variable() + "_PASSWORD=" + r.Token,
	}
}

func gradleEnviron(r *Request) []string {
	name := camel(r.label())
	return []string{"ORG_GRADLE_PROJECT_" + name + "Username=aws", "ORG_GRADLE_PROJECT_" + name + "Password=" + r.Token}
}

// sbtEnviron tells coursier, which asks by host and realm.
func sbtEnviron(r *Request) []string {
	return []string{"COURSIER_CREDENTIALS=" + parse(r.Endpoint).host() + "(" + r.Domain + "/" + r.Repository + ") aws:" + r.Token}
}

func cargoEnviron(r *Request) []string {
	of := "CARGO_REGISTRIES_" + r.variable() + "_"
	return []string{of + "INDEX=sparse+" + r.Endpoint, of + "TOKEN=" + r.Token, of + "CREDENTIAL_PROVIDER=cargo:token"}
}

func gemEnviron(r *Request) []string {
	return []string{"RUBYGEMS_HOST=" + strings.TrimSuffix(r.Endpoint, "/"), "GEM_HOST_API_KEY=Bearer " + r.Token}
}

// bundlerEnviron names the host alone: a variable cannot be called by a URL.
func bundlerEnviron(r *Request) []string {
	return []string{bundlerKey(parse(r.Endpoint).host()) + "=aws:" + r.Token}
}

// nugetEnviron is for a source of that name in a nuget.config.
func nugetEnviron(r *Request) []string {
	return []string{"NuGetPackageSourceCredentials_" + strings.ReplaceAll(r.label(), "-", "_") + "=Username=aws;Password=" + r.Token}
}

// variable spells the repository's short name as a part of a variable's.
func (r *Request) variable() string { return strings.ToUpper(strings.ReplaceAll(r.label(), "-", "_")) }
