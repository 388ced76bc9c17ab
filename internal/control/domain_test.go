package control_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

func TestDomains(t *testing.T) {
	e := testenv.New(t)
	made := testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "second"}).Domain
	want := codeartifact.DomainDescription{
		Name: "second", Owner: e.Account, Arn: domainARN(e, "second"), Status: "Active", CreatedTime: made.CreatedTime,
		EncryptionKey: "arn:aws:kms:us-east-1:" + e.Account + ":alias/aws/codeartifact",
	}
	if *made != want || made.CreatedTime.Sub(e.Clock.Now()).Abs() > time.Millisecond {
		t.Errorf("got %+v, want %+v", made, want)
	}
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: "second", Repository: "inner"})
	described := testenv.OK(t, e.Admin, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: "second", DomainOwner: e.Account}).Domain
	want.RepositoryCount = 1
	if *described != want {
		t.Errorf("got %+v, want %+v", described, want)
	}

	again := testenv.Refused(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "second"}, "ConflictException")
	if again.Status != 409 || again.ResourceType != "domain" || again.ResourceID != "second" {
		t.Errorf("got %+v", again)
	}

	full := testenv.Refused(t, e.Admin, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: "second"}, "ConflictException")
	if full.ResourceType != "domain" || !strings.Contains(full.Message, "second") {
		t.Errorf("got %+v", full)
	}
	testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: "second", Repository: "inner"})
	deleted := testenv.OK(t, e.Admin, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: "second"}).Domain
	want.RepositoryCount, want.Status = 0, "Deleted"
	if *deleted != want {
		t.Errorf("got %+v, want %+v", deleted, want)
	}
	// CloudFormation deletes again: what is gone is gone.
	if again := testenv.OK(t, e.Admin, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: "second"}); again.Domain != nil {
		t.Errorf("got %+v", again.Domain)
	}
}

// What the wire has that the client does not show.
func TestDomainsOnTheWire(t *testing.T) {
	e := testenv.New(t)
	a := e.DoSigned(e.Admin, "codeartifact", http.MethodGet, query("/v1/domain", "domain", testenv.Domain, "nonsense", "is ignored"), "")
	for _, want := range []string{`"repositoryCount":1`, `"assetSizeBytes":0`, `"createdTime":1`, `"status":"Active"`} {
		if a.Status != http.StatusOK || !strings.Contains(a.Body, want) {
			t.Errorf("got %d %s, want %s in it", a.Status, a.Body, want)
		}
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("got %q", got)
	}
	a = e.DoSigned(e.Admin, "codeartifact", http.MethodPost, "/v1/domains", "")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Body, `{"domains":[{"name":"team"`) || strings.Contains(a.Body, "nextToken") {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
}

func TestEncryptionKeysAreToldByARN(t *testing.T) {
	e := testenv.New(t)
	const id = "1234abcd-12ab-34cd-56ef-1234567890ab"
	prefix := "arn:aws:kms:us-east-1:" + e.Account + ":"
	for i, tt := range []struct{ key, want string }{
		{id, prefix + "key/" + id},
		{"key/" + id, prefix + "key/" + id},
		{"mrk-1234abcd12ab34cd56ef1234567890ab", prefix + "key/mrk-1234abcd12ab34cd56ef1234567890ab"},
		{"alias/mine", prefix + "alias/mine"},
		{"arn:aws:kms:us-east-1:111122223333:key/" + id, "arn:aws:kms:us-east-1:111122223333:key/" + id},
		{"arn:aws:kms:us-east-1:111122223333:alias/mine", "arn:aws:kms:us-east-1:111122223333:alias/mine"},
	} {
		name := "domain-" + string(rune('a'+i))
		d := testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: name, EncryptionKey: tt.key}).Domain
		if d.EncryptionKey != tt.want {
			t.Errorf("%s: got %s, want %s", tt.key, d.EncryptionKey, tt.want)
		}
	}
	for _, key := range []string{"nonsense", "arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:nonsense", "key/alias"} {
		got := testenv.Refused(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "refused", EncryptionKey: key}, "ValidationException")
		if got.Reason != "ENCRYPTION_KEY_ERROR" {
			t.Errorf("%s: got %+v", key, got)
		}
	}
	testenv.Refused(t, e.Admin, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: "refused"}, "ResourceNotFoundException")
}

func TestCreateDomainIsInTheCallersAccount(t *testing.T) {
	e := testenv.New(t)
	other := e.Root(e.NewAccount())
	d := testenv.OK(t, other, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: testenv.Domain}).Domain
	if d.Owner == e.Account {
		t.Errorf("got %+v", d)
	}
	for _, c := range []struct {
		owner string
		want  string
	}{{"", d.Owner}, {d.Owner, d.Owner}} {
		got := testenv.OK(t, other, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain, DomainOwner: c.owner}).Domain
		if got.Owner != c.want {
			t.Errorf("owner %q: got %+v", c.owner, got)
		}
	}
	if all := testenv.OK(t, other, codeartifact.ListDomains, &codeartifact.ListDomainsInput{}).Domains; len(all) != 1 || all[0].Owner != d.Owner {
		t.Errorf("got %+v", all)
	}
}
