package maven

import (
	"fmt"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

func TestABuildIsListedWithoutWhatIsNotOfIt(t *testing.T) {
	var m metadata
	m.GroupID, m.ArtifactID, m.Version = "org.acme", "lib", "1.0-SNAPSHOT"
	m.Versioning.Snapshot.Timestamp, m.Versioning.Snapshot.BuildNumber = "20210728.194552", "1"
	got := string(listBuild(&m, []format.Asset{
		{Name: "lib-1.0-20210728.194552-1-src.tar.gz"}, {Name: "lib-1.0-20210728.194552-1"}, {Name: metadataFile}, {Name: "other"},
	}))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<metadata modelVersion="1.1.0">
  <groupId>org.acme</groupId>
  <artifactId>lib</artifactId>
  <version>1.0-SNAPSHOT</version>
  <versioning>
    <snapshot>
      <timestamp>20210728.194552</timestamp>
      <buildNumber>1</buildNumber>
    </snapshot>
    <lastUpdated>20210728194552</lastUpdated>
    <snapshotVersions>
      <snapshotVersion>
        <classifier>src</classifier>
        <extension>tar.gz</extension>
        <value>1.0-20210728.194552-1</value>
        <updated>20210728194552</updated>
      </snapshotVersion>
    </snapshotVersions>
  </versioning>
</metadata>
`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkMetadataOf5000Versions(b *testing.B) {
	versions := make([]format.Version, 5000)
	for i := range versions {
		versions[i] = format.Version{
			Version: fmt.Sprintf("%d.%d.%d", i%7, i%131, i), Status: larder.Published, PublishedAt: time.Unix(int64(i), 0),
		}
	}
	var size int
	for b.Loop() {
		l := listing{group: "org.acme", artifact: "lib"}
		for _, v := range versions {
			l.add(v)
		}
		size = len(l.render(nil))
	}
	b.SetBytes(int64(size))
}
