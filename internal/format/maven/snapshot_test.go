package maven_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// aboutBuild is the metadata that a client sends of a snapshot. Its files are
// the ends of their names: ".jar", "-sources.jar".
func aboutBuild(snapshot, build string, files ...string) string {
	prefix := strings.TrimSuffix(snapshot, "SNAPSHOT")
	stamp, number, _ := strings.Cut(strings.TrimPrefix(build, prefix), "-")
	var listed strings.Builder
	for _, file := range files {
		classifier, extension, _ := strings.Cut(file, ".")
		classifier = strings.TrimPrefix(classifier, "-")
		if c, e, ok := strings.Cut(file, "!"); ok { // where the classifier ends is not plain
			classifier, extension = c[1:], e
		}
		fmt.Fprintf(&listed, "<snapshotVersion><classifier>%s</classifier><extension>%s</extension><value>%s</value></snapshotVersion>", classifier, extension, build)
	}
	return `<metadata modelVersion="1.1.0"><groupId>org.acme</groupId><artifactId>lib</artifactId><version>` + snapshot +
		`</version><versioning><snapshot><timestamp>` + stamp + `</timestamp><buildNumber>` + number + `</buildNumber></snapshot>` +
		`<snapshotVersions>` + listed.String() + `</snapshotVersions></versioning></metadata>`
}

const (
	snapshots = "org/acme/lib/1.0-SNAPSHOT/"
	first     = "1.0-20210728.194552-1"
	second    = "1.0-20210729.080000-2"
)

// build deploys a build of 1.0-SNAPSHOT.
func (e *env) build(version string) {
	e.Helper()
	e.put(201, snapshots+"lib-"+version+".jar", "jar "+version)
	e.put(200, snapshots+"lib-"+version+".jar.sha1", sum(".sha1", "jar "+version))
	e.put(201, snapshots+"lib-"+version+".pom", pom("org.acme", "lib", "1.0-SNAPSHOT", "<description>"+version+"</description>"))
	body := aboutBuild("1.0-SNAPSHOT", version, ".jar", ".pom")
	e.put(201, snapshots+"maven-metadata.xml", body)
	e.put(200, snapshots+"maven-metadata.xml.sha1", sum(".sha1", body))
	e.put(400, snapshots+"maven-metadata.xml.sha1", sum(".sha1", "other"))
	body = `<metadata><groupId>org.acme</groupId><artifactId>lib</artifactId><versioning><versions><version>1.0-SNAPSHOT</version></versions><lastUpdated>` +
		version + `</lastUpdated></versioning></metadata>`
	e.put(201, "org/acme/lib/maven-metadata.xml", body)
	e.put(200, "org/acme/lib/maven-metadata.xml.sha1", sum(".sha1", body))
}

func TestASnapshotHasTheFilesOfItsNewestBuild(t *testing.T) {
	e := newEnv(t)
	e.put(201, snapshots+"lib-"+first+".jar", "jar "+first)
	e.hasStatuses(first + " Unfinished")
	e.get(404, snapshots+"lib-"+first+".jar")
	e.get(404, snapshots+"maven-metadata.xml")
	e.build(first)
	e.hasStatuses(first+" Unlisted", "1.0-SNAPSHOT Published")
	e.build(second)
	e.hasStatuses(first+" Unlisted", second+" Unlisted", "1.0-SNAPSHOT Published")

	want := fmt.Sprintf("[lib-%s.jar lib-%[1]s.pom maven-metadata.xml]", second)
	if got := fmt.Sprint(e.assets("1.0-SNAPSHOT")); got != want {
		t.Errorf("assets: got %s, want %s", got, want)
	}
	for _, version := range []string{first, second} {
		for _, dir := range []string{"1.0-SNAPSHOT", version} {
			path := "org/acme/lib/" + dir + "/lib-" + version + ".jar"
			e.reads(path, "jar "+version)
			e.reads(path+".sha256", sum(".sha256", "jar "+version))
		}
	}
	e.get(404, snapshots+"lib-1.0-SNAPSHOT.jar")
	e.get(404, snapshots+"lib-1.0-20210729.080000-3.jar")

	got := e.get(200, snapshots+"maven-metadata.xml").Body
	if want := `<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0">
  <groupId>org.acme</groupId>
  <artifactId>lib</artifactId>
  <version>1.0-SNAPSHOT</version>
  <versioning>
    <snapshot>
      <timestamp>20210729.080000</timestamp>
      <buildNumber>2</buildNumber>
    </snapshot>
    <lastUpdated>20210729080000</lastUpdated>
    <snapshotVersions>
      <snapshotVersion>
        <extension>jar</extension>
        <value>` + second + `</value>
        <updated>20210729080000</updated>
      </snapshotVersion>
      <snapshotVersion>
        <extension>pom</extension>
        <value>` + second + `</value>
        <updated>20210729080000</updated>
      </snapshotVersion>
    </snapshotVersions>
  </versioning>
</metadata>
`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for ext := range sums {
		e.reads(snapshots+"maven-metadata.xml"+ext, sum(ext, got))
	}
	all := e.get(200, "org/acme/lib/maven-metadata.xml").Body
	if strings.Contains(all, "<release>") || !strings.Contains(all, "<latest>1.0-SNAPSHOT</latest>") || strings.Count(all, "<version>") != 1 {
		t.Errorf("got %s, want the snapshot alone and no release", all)
	}
	if got, want := e.describe("1.0-SNAPSHOT").Summary, second; got != want {
		t.Errorf("got the summary %q, want %q", got, want)
	}
}

func TestAnOlderBuildDoesNotReplaceANewerOne(t *testing.T) {
	e := newEnv(t)
	e.build(second)
	e.build(first)
	e.hasStatuses(first+" Unlisted", second+" Unlisted", "1.0-SNAPSHOT Published")
	if got := e.get(200, snapshots+"maven-metadata.xml").Body; !strings.Contains(got, "<value>"+second) || strings.Contains(got, first) {
		t.Errorf("got %s, want the build %s", got, second)
	}
	e.reads(snapshots+"lib-"+first+".jar", "jar "+first)
}

func TestABuildIsAddedTo(t *testing.T) {
	e := newEnv(t)
	e.build(first)
	e.put(201, snapshots+"lib-"+first+"-jdk1.5.tar.gz", "more")
	e.reads(snapshots+"lib-"+first+"-jdk1.5.tar.gz", "more")
	e.put(201, snapshots+"maven-metadata.xml", aboutBuild("1.0-SNAPSHOT", first, ".jar", ".pom", "-jdk1.5!tar.gz"))
	got := e.get(200, snapshots+"maven-metadata.xml").Body
	if !strings.Contains(got, "<classifier>jdk1.5</classifier>\n        <extension>tar.gz</extension>") || strings.Count(got, "<snapshotVersion>") != 3 {
		t.Errorf("got %s", got)
	}
	e.put(409, snapshots+"lib-"+first+".jar", "other")
}

func TestBuildsDeployedAtOnce(t *testing.T) {
	e := newEnv(t)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { e.build(fmt.Sprintf("1.0-20210728.19455%d-1", i)) })
	}
	wg.Wait()
	if got := e.get(200, snapshots+"maven-metadata.xml").Body; strings.Count(got, "<snapshotVersion>") != 2 {
		t.Errorf("got %s, want one build of two files", got)
	}
	if got, want := len(e.statuses()), 7; got != want {
		t.Errorf("got %d versions, want %d", got, want)
	}
}

func TestMetadataOfNoBuild(t *testing.T) {
	e := newEnv(t)
	for _, file := range []string{
		"lib-1.0-SNAPSHOT.jar", "lib.jar", "other-" + first + ".jar", "lib-1.0-2021072.194552-1.jar",
		"lib-1.0-20210728.194552-x.jar", "lib-1.0-20210728.194552-1", "lib-1.0-20210728-194552-1.jar", "lib-1.0-20210728.194552-1234567890.jar",
	} {
		e.put(400, snapshots+file, "jar")
	}
	e.put(404, snapshots+"lib-"+first+".jar.sha1", sum(".sha1", "jar"))
	e.put(400, snapshots+"maven-metadata.xml", aboutBuild("1.0-SNAPSHOT", first, ".jar"))
	e.put(201, snapshots+"lib-"+first+".jar", "jar")
	for claim, body := range map[string]string{
		"another build":              aboutBuild("1.0-SNAPSHOT", second, ".jar"),
		"no file":                    aboutBuild("1.0-SNAPSHOT", first),
		"a file that is not there":   aboutBuild("1.0-SNAPSHOT", first, ".pom"),
		"another snapshot":           aboutBuild("1.1-SNAPSHOT", "1.1-20210728.194552-1", ".jar"),
		"no build":                   about("org.acme", "lib", "1", "1.0-SNAPSHOT"),
		"files of another timestamp": strings.Replace(aboutBuild("1.0-SNAPSHOT", first, ".jar"), "194552-1<", "194553-1<", 1),
	} {
		if got := e.Do("PUT", e.base+snapshots+"maven-metadata.xml", e.token, strings.NewReader(body)); got.Status != 400 {
			t.Errorf("%s: got %d, want 400: %s", claim, got.Status, got.Body)
		}
	}
	e.put(400, snapshots+"lib-"+first+".jar.sha1", sum(".sha1", "other"))
	e.put(400, snapshots+"maven-metadata.xml", aboutBuild("1.0-SNAPSHOT", first, ".jar"))
	e.hasStatuses(first + " Unfinished")
	e.put(200, snapshots+"lib-"+first+".jar.sha1", sum(".sha1", "jar"))
	e.put(201, snapshots+"maven-metadata.xml", aboutBuild("1.0-SNAPSHOT", first, ".jar"))
	e.hasStatuses(first+" Unlisted", "1.0-SNAPSHOT Published")
}

func TestASnapshotThatIsNoMore(t *testing.T) {
	e := newEnv(t)
	e.build(first)
	e.setStatus("org.acme", "lib", "Archived", "1.0-SNAPSHOT", first)
	e.get(404, snapshots+"maven-metadata.xml")
	e.get(404, snapshots+"lib-"+first+".jar")
	e.get(404, "org/acme/lib/maven-metadata.xml")
}

func TestOtherSpellingsOfSnapshots(t *testing.T) {
	e := newEnv(t)
	e.put(201, "org/acme/lib/SNAPSHOT/lib-20210728.194552-1.jar", "jar")
	e.put(201, "org/acme/lib/2.x-SNAPSHOT/lib-2.x-20210728.194552-1-sources.jar", "jar")
	e.put(201, "org/acme/lib/latest-snapshot/lib-latest-snapshot.jar", "jar")
	e.hasStatuses("2.x-20210728.194552-1 Unfinished", "20210728.194552-1 Unfinished", "latest-snapshot Unfinished")
}
