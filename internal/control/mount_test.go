package control_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/control"
	iamplane "larder.example/larder/internal/control/iam"
	ownplane "larder.example/larder/internal/control/larder"
	stsplane "larder.example/larder/internal/control/sts"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

// artifacts and queries are muxes with all that is served.
func artifacts() *wire.Mux {
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	(&control.Plane{}).Mount(m)
	return m
}

func queries() *wire.Mux {
	m := &wire.Mux{Protocol: awsquery.Protocol{}}
	(&iamplane.Plane{}).Mount(m)
	(&stsplane.Plane{}).Mount(m)
	return m
}

// lines returns the lines of a file of test data.
func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

func TestEveryOperationIsMounted(t *testing.T) {
	m := artifacts()
	for _, op := range codeartifact.Ops {
		if !m.Handles(op) {
			t.Errorf("%s is not mounted", op.Name)
		}
	}
}

func TestEveryOperationOfOurOwnIsMounted(t *testing.T) {
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	(&ownplane.Plane{}).Mount(m)
	for _, op := range larder.Ops {
		if !m.Handles(op) {
			t.Errorf("%s is not mounted", op.Name)
		}
	}
}

func TestWhatIsServedOfIAMAndSTS(t *testing.T) {
	e := testenv.New(t)
	m := queries()
	for service, ops := range map[string][]wire.Info{"iam": iam.Ops[:], "sts": sts.Ops[:]} {
		var served []string
		for _, op := range ops {
			if m.Handles(op) {
				served = append(served, op.Name)
				continue
			}
			a := e.DoSigned(e.Admin, service, http.MethodPost, "/", "Action="+op.Name+"&Version="+op.Version,
				"Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
			if want := "<Code>InvalidAction</Code>"; a.Status != http.StatusBadRequest || !strings.Contains(a.Body, want) {
				t.Errorf("%s: got %d %s", op.Name, a.Status, a.Body)
			}
		}
		slices.Sort(served)
		if want := lines(t, "testdata/served-"+service+".txt"); !slices.Equal(served, want) {
			t.Errorf("served of %s are %v, want %v", service, served, want)
		}
	}
}

// The service-authorization list of CodeArtifact has 51 actions: one for each
// operation and three that no operation has.
func TestEveryOperationIsAnActionOfTheServiceAuthorizationList(t *testing.T) {
	actions := lines(t, "testdata/actions.txt")
	if len(actions) != 51 || !slices.IsSorted(actions) {
		t.Errorf("got %d actions, want 51 in order", len(actions))
	}
	used := []string{"codeartifact:AssociateWithDownstreamRepository", "codeartifact:PutPackageMetadata", "codeartifact:ReadFromRepository"}
	for _, op := range codeartifact.Ops {
		used = append(used, op.Action())
	}
	slices.Sort(used)
	if !slices.Equal(used, actions) {
		t.Errorf("got %v, want %v", used, actions)
	}
}

// No question is about an action that there is not: nobody could allow it.
func TestEveryActionInTheCodeIsInTheServiceAuthorizationList(t *testing.T) {
	actions := lines(t, "testdata/actions.txt")
	spelled := regexp.MustCompile(`"(codeartifact:[A-Za-z]+)"`)
	found := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range spelled.FindAllStringSubmatch(string(text), -1) {
			found++
			if !slices.Contains(actions, match[1]) {
				t.Errorf("%s: %s is not in the list", path, match[1])
			}
		}
		return err
	})
	if err != nil || found < 5 {
		t.Errorf("got %d actions, %v", found, err)
	}
}
