package maven

import (
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var slf4j = larder.PackageRef{Format: larder.Maven, Namespace: "org.slf4j", Name: "slf4j-api"}

const theirMetadata = `<?xml version="1.0" encoding="UTF-8"?>
<metadata><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><versioning>
<latest>2.1.0-SNAPSHOT</latest><release>2.0.16</release>
<versions><version>1.7.36</version><version>2.0.16</version><version>2.1.0-SNAPSHOT</version></versions>
<lastUpdated>20240805191507</lastUpdated></versioning></metadata>`

func readTheirs(doc string, p larder.PackageRef) (string, time.Time, error) {
	pkg, err := readPublic(format.Document{ReaderAt: strings.NewReader(doc), Size: int64(len(doc))}, p)
	if err != nil {
		return "", time.Time{}, err
	}
	var versions []string
	for v, err := range pkg.Versions {
		if err != nil {
			return "", time.Time{}, err
		}
		versions = append(versions, v.Version)
	}
	return strings.Join(versions, " "), pkg.ChangedAt, nil
}

func TestPublicMetadataIsRead(t *testing.T) {
	got, at, err := readTheirs(theirMetadata, slf4j)
	if want := "2.0.16 1.7.36"; err != nil || got != want || !at.Equal(time.Date(2024, 8, 5, 19, 15, 7, 0, time.UTC)) {
		t.Errorf("got %s %v %v, want %s without snapshots", got, at, err, want)
	}
	for claim, doc := range map[string]string{
		"HTML":            "<!DOCTYPE html><p>Welcome",
		"another package": strings.Replace(theirMetadata, "slf4j-api", "slf4j-simple", 1),
		"truncated":       theirMetadata[:200],
		"nothing":         "",
	} {
		if got, _, err := readTheirs(doc, slf4j); !larder.Invalid.Is(err) {
			t.Errorf("%s: got %q %v, want %v", claim, got, err, larder.Invalid)
		}
	}
	if _, _, err := readTheirs("<metadata><plugins/></metadata>", slf4j); !larder.NotFound.Is(err) {
		t.Errorf("a group's: got %v, want %v", err, larder.NotFound)
	}
}

func TestWherePublicFilesAre(t *testing.T) {
	if got := public.Index(slf4j).URL; got != "org/slf4j/slf4j-api/maven-metadata.xml" {
		t.Errorf("got %s", got)
	}
	for _, test := range []struct{ version, file, want string }{
		{"2.0.16", "slf4j-api-2.0.16.jar", "https://maven.test/org/slf4j/slf4j-api/2.0.16/slf4j-api-2.0.16.jar"},
		{"2.1.0-SNAPSHOT", "slf4j-api-2.1.0-SNAPSHOT.jar", ""},
		{"2.0.16", "maven-metadata.xml", ""},
		{"2.0.16", "../x", ""},
		{"..", "x", ""},
	} {
		a := larder.AssetRef{Version: larder.VersionRef{Package: slf4j, Version: test.version}, Name: test.file}
		if got := publicFile("https://maven.test/", a, nil).URL; got != test.want {
			t.Errorf("%s %s: got %q, want %q", test.version, test.file, got, test.want)
		}
	}
	const sum = "0123456789abcdef0123456789abcdef01234567"
	for text, want := range map[string]string{
		sum: sum, strings.ToUpper(sum) + "  slf4j-api.jar\n": sum, "<html>": "", "": "",
	} {
		if got := public.ReadSidecar([]byte(text)).SHA1; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzReadPublic(f *testing.F) {
	f.Add(theirMetadata)
	f.Fuzz(func(_ *testing.T, doc string) {
		readTheirs(doc, slf4j) //nolint:errcheck // that it returns is the point
	})
}
