package audit_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/audit"
)

func records(t *testing.T, dir, pattern string) []map[string]any {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var record map[string]any
			if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
				t.Fatalf("%s: %v", lines.Text(), err)
			}
			all = append(all, record)
		}
	}
	return all
}

func TestARecordIsShapedLikeCloudTrail(t *testing.T) {
	dir := t.TempDir()
	log, err := audit.Open(dir, audit.Options{Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ada := audit.Identity{
		Type: "IAMUser", PrincipalID: "AIDAEXAMPLE", ARN: "arn:aws:iam::111122223333:user/ada",
		Account: "111122223333", KeyID: "AKIAEXAMPLE", UserName: "ada",
	}
	for _, e := range []*audit.Event{
		{
			ID: "1", At: at, Service: "codeartifact", Name: "GetAuthorizationToken", Caller: ada, Addr: netip.MustParseAddr("192.0.2.1"),
			Target: audit.Target{DomainOwner: "111122223333", Domain: "team"}, TokenID: "ABIAEXAMPLE",
			Detail: map[string]any{"restrictions": map[string]string{"PUBLISH": "BLOCK"}},
		},
		{
			ID: "2", At: at, Service: "codeartifact", Name: "ReadFromRepository", Read: true, Caller: ada, Method: "GET",
			Path: "/npm/left-pad", Status: 403, Code: "AccessDeniedException", Message: "not \"allowed\"\n",
			Target: audit.Target{DomainOwner: "111122223333", Domain: "team", Repository: "app", Format: "npm", Package: "left-pad"},
		},
		{ID: "3", At: at, Service: "iam", Name: "CreateUser", Caller: ada, Params: map[string]string{"userName": "bob"}, Agent: "bad \xff\u2028 agent"},
		{ID: "4", At: at, Service: "sts", Name: "GetCallerIdentity", Caller: audit.Identity{Type: "Root"}},
		{ID: "5", At: at, Service: "larder", Name: "UpstreamAssetChanged", Caller: audit.Identity{Account: "111122223333"}, Details: map[string]string{"is": "so"}},
	} {
		if err := log.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	got := records(t, dir, "audit.jsonl")
	if len(got) != 5 {
		t.Fatalf("got %d records, want 5", len(got))
	}
	for _, want := range []struct {
		record int
		path   string
		value  any
	}{
		{0, "eventTime", "2026-11-24T12:00:00Z"},
		{0, "eventSource", "codeartifact.amazonaws.com"},
		{0, "userIdentity.arn", ada.ARN},
		{0, "sourceIPAddress", "192.0.2.1"},
		{0, "requestParameters.domainName", "team"},
		{0, "requestParameters.restrictions.PUBLISH", "BLOCK"},
		{0, "responseElements.sessionToken", "HIDDEN_DUE_TO_SECURITY_REASONS"},
		{0, "additionalEventData.bearerTokenId", "ABIAEXAMPLE"},
		{0, "readOnly", false},
		{1, "errorCode", "AccessDeniedException"},
		{1, "errorMessage", "not \"allowed\"\n"},
		{1, "requestParameters.packageName", "left-pad"},
		{1, "additionalEventData.requestUri", "/npm/left-pad"},
		{1, "responseElements", nil},
		{2, "requestParameters.userName", "bob"},
		{2, "userAgent", "bad \ufffd\u2028 agent"},
		{3, "requestParameters", nil},
		{3, "eventType", "AwsApiCall"},
		{4, "eventType", "AwsServiceEvent"},
		{4, "userIdentity.accountId", "111122223333"},
		{4, "userIdentity.invokedBy", "larder.amazonaws.com"},
		{4, "sourceIPAddress", "larder.amazonaws.com"},
		{4, "serviceEventDetails.is", "so"},
	} {
		var value any = got[want.record]
		for _, name := range strings.Split(want.path, ".") {
			object, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("record %d has no %s", want.record, want.path)
			}
			value = object[name]
		}
		if value != want.value {
			t.Errorf("record %d, %s: got %v, want %v", want.record, want.path, value, want.value)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestQueuedRecordsAreWrittenOnClose(t *testing.T) {
	dir := t.TempDir()
	log, err := audit.Open(dir, audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		log.Queue(&audit.Event{Service: "codeartifact", Name: "ReadFromRepository", Read: true})
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if got := len(records(t, dir, "audit.jsonl")) + int(log.Dropped()); got != 100 {
		t.Errorf("got %d records written or counted as dropped, want 100", got)
	}
}

func TestFullFilesAreRotatedAndTheOldestGo(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	log, err := audit.Open(dir, audit.Options{MaxFile: 1, Keep: 2, Now: func() time.Time {
		now = now.Add(time.Second)
		return now
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		if err := log.Write(&audit.Event{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	var kept []string
	for _, r := range records(t, dir, "audit-*.jsonl") {
		kept = append(kept, r["requestID"].(string))
	}
	if got := strings.Join(kept, ""); got != "cd" {
		t.Errorf("got records %s, want cd", got)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTheContextCarriesTheEvent(t *testing.T) {
	e := &audit.Event{}
	audit.From(audit.With(t.Context(), e)).Name = "CreateDomain"
	if e.Name != "CreateDomain" {
		t.Errorf("got %q, want the event that the context was given", e.Name)
	}
	audit.From(context.Background()).Name = "nothing happens"
}

func BenchmarkWrite(b *testing.B) {
	log, err := audit.Open(b.TempDir(), audit.Options{Region: "us-east-1"})
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	e := &audit.Event{
		ID: "1", At: time.Now(), Service: "codeartifact", Name: "ReadFromRepository", Read: true, Method: "GET",
		Path: "/npm/left-pad", Status: 200, Target: audit.Target{DomainOwner: "111122223333", Domain: "team", Repository: "app", Format: "npm", Package: "left-pad"},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := log.Write(e); err != nil {
			b.Fatal(err)
		}
	}
}
