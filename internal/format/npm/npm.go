package npm

import (
	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Format is the npm format.
var Format = format.Format{
	Name: larder.NPM,
	Names: format.Names{
		Canonical: canonical,
		Compare:   compare,
	},
	Grows:   format.Never,
	Source:  &public,
	Inspect: inspect,
	Fail:    fail,

	// A scoped package comes as @s%2fp, which is one segment, or as @s/p,
	// which is two: most rows stand here twice. Rows that go through
	// Registry.Amend name no action, because each part of a change has its own.
	Routes: []format.Route{
		{Method: "GET", Path: "/-/ping", Action: read, Serve: ping},
		{Method: "GET", Path: "/-/whoami", Action: read, Serve: whoami},
		{Method: "GET", Path: "/-/v1/search", Action: read, Serve: search},
		{Method: "GET", Path: "/-/npm/v1/attestations/{spec...}", Action: read, Package: attestedPackage, Serve: getAttestations},

		{Method: "PUT", Path: "/-/package/{name}/dist-tags/{tag}", Package: named, Serve: setTag},
		{Method: "PUT", Path: "/-/package/@{scope}/{name}/dist-tags/{tag}", Package: named, Serve: setTag},
		{Method: "DELETE", Path: "/-/package/{name}/dist-tags/{tag}", Package: named, Serve: removeTag},
		{Method: "DELETE", Path: "/-/package/@{scope}/{name}/dist-tags/{tag}", Package: named, Serve: removeTag},
		{Method: "GET", Path: "/-/package/{name}/dist-tags", Action: read, Package: named, Serve: getTags},
		{Method: "GET", Path: "/-/package/@{scope}/{name}/dist-tags", Action: read, Package: named, Serve: getTags},
		{Method: "PUT", Path: "/-/package/{name}/dist-tags", Package: named, Serve: replaceTags},
		{Method: "PUT", Path: "/-/package/@{scope}/{name}/dist-tags", Package: named, Serve: replaceTags},
		{Method: "POST", Path: "/-/package/{name}/dist-tags", Package: named, Serve: mergeTags},
		{Method: "POST", Path: "/-/package/@{scope}/{name}/dist-tags", Package: named, Serve: mergeTags},

		{Method: "POST", Path: "/-/npm/v1/security/{rest...}", Action: read, Serve: noAudit},
		{Method: "POST", Path: "/-/v1/login", Action: read, Serve: noLogin},
		{Method: "PUT", Path: "/-/user/org.couchdb.user:{user}", Action: read, Serve: noLogin},
		{Method: "GET", Path: "/-/{rest...}", Action: read, Serve: unsupported},
		{Method: "POST", Path: "/-/{rest...}", Action: read, Serve: unsupported},
		{Method: "PUT", Path: "/-/{rest...}", Action: read, Serve: unsupported},
		{Method: "DELETE", Path: "/-/{rest...}", Action: read, Serve: unsupported},

		{Method: "GET", Path: "/{name}/-/{file...}", Action: read, Package: named, Serve: getTarball},
		{Method: "GET", Path: "/@{scope}/{name}/-/{file...}", Action: read, Package: named, Serve: getTarball},
		{Method: "GET", Path: "/@{scope}/{name}/{version}", Action: read, Package: versioned, Serve: get},
		{Method: "GET", Path: "/@{scope}/{name}", Action: read, Package: versioned, Serve: get},
		{Method: "GET", Path: "/{name}/{version}", Action: read, Package: versioned, Serve: get},
		{Method: "GET", Path: "/{name}", Action: read, Package: named, Serve: get},

		{Method: "PUT", Path: "/{name}", Action: publishes, Package: named, Serve: put},
		{Method: "PUT", Path: "/@{scope}/{name}", Action: publishes, Package: named, Serve: put},
		{Method: "PUT", Path: "/{name}/-rev/{rev}", Package: named, Serve: replace},
		{Method: "PUT", Path: "/@{scope}/{name}/-rev/{rev}", Package: named, Serve: replace},
		{Method: "DELETE", Path: "/{name}/-rev/{rev}", Package: named, Serve: unpublishAll},
		{Method: "DELETE", Path: "/@{scope}/{name}/-rev/{rev}", Package: named, Serve: unpublishAll},
		{Method: "DELETE", Path: "/{name}/-/{file}/-rev/{rev}", Package: named, Serve: unpublishFile},
		{Method: "DELETE", Path: "/@{scope}/{name}/-/{file}/-rev/{rev}", Package: named, Serve: unpublishFile},
		{Method: "DELETE", Path: "/{path...}", Package: repeated, Serve: unpublishFile},
	},
}

// The actions of the rows.
const (
	read      = "codeartifact:ReadFromRepository"
	publishes = "codeartifact:PublishPackageVersion"
)
