package pypi

import (
	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Format is the pypi format.
var Format = format.Format{
	Name: larder.PyPI,
	Names: format.Names{
		Canonical: canonical,
		Compare:   compare,
	},
	Grows:   format.Always,
	Source:  &public,
	Inspect: inspect,
	Fail:    fail,

	Routes: []format.Route{
		// Only the body names the package: Registry.Publish judges.
		{Method: "POST", Path: "/", Serve: post},
		{Method: "GET", Path: "/simple/{name}/{version}/{file}", Action: read, Package: named, Serve: getFile},
		{Method: "GET", Path: "/simple/{name}", Action: read, Package: named, Serve: getPage},
		{Method: "GET", Path: "/simple", Action: read, Serve: getProjects},
	},
}

const read = "codeartifact:ReadFromRepository"
