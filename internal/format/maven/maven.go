package maven

import (
	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// Format is the Maven format.
var Format = format.Format{
	Name: larder.Maven,
	Names: format.Names{
		Canonical: canonical,
		Compare:   compare,
	},
	Grows:   format.Always,
	Source:  &public,
	Inspect: inspect,
	Fail:    fail,

	// A group of one segment is told apart because nothing in its path can
	// be an artifact. Rows that put metadata name no action: only the body
	// says what it is about, and the calls that follow are judged.
	Routes: []format.Route{
		{Method: "GET", Path: "/{group}/" + metadataFile, Action: read, Serve: getGroup},
		{Method: "GET", Path: "/{group}/" + metadataFile + "{ext}", Action: read, Serve: getGroup},
		{Method: "GET", Path: "/{dir...}/" + metadataFile, Action: read, Package: described, Serve: getMetadata},
		{Method: "GET", Path: "/{dir...}/" + metadataFile + "{ext}", Action: read, Package: described, Serve: getMetadata},
		{Method: "GET", Path: "/{path...}", Action: read, Package: wanted, Serve: getFile},

		{Method: "PUT", Path: "/{group}/" + metadataFile, Serve: putGroup},
		{Method: "PUT", Path: "/{group}/" + metadataFile + "{ext}", Serve: putGroupChecksum},
		{Method: "PUT", Path: "/{dir...}/" + metadataFile, Package: sent, Serve: putMetadata},
		{Method: "PUT", Path: "/{dir...}/" + metadataFile + "{ext}", Package: sent, Serve: putMetadataChecksum},
		{Method: "PUT", Path: "/{path...}", Action: publishes, Package: deployed, Serve: putFile},
	},
}

// The actions of the rows.
const (
	read      = "codeartifact:ReadFromRepository"
	publishes = "codeartifact:PublishPackageVersion"
)

// metadataFile is the document about an artifact, a snapshot or a group.
const metadataFile = "maven-metadata.xml"
