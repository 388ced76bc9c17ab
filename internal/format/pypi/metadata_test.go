package pypi

import (
	"reflect"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

func TestFactsAreReadFromMetadata(t *testing.T) {
	for _, test := range []struct {
		claim, text string
		want        format.Facts
	}{
		{
			"hatchling's 2.5",
			"Metadata-Version: 2.5\nName: My.Thing\nVersion: 1.0-RC1\nSummary: A thing\n" +
				"Project-URL: Documentation, https://docs.test\nProject-URL: Source Code, https://git.test/thing\nProject-URL: Homepage, https://thing.test\n" +
				"License-Expression: MIT OR Apache-2.0\nLicense-File: LICENSE\nClassifier: License :: OSI Approved :: MIT License\n" +
				"Import-Name: thing\nRequires-Python: >=3.9\n" +
				"Requires-Dist: PyYAML>=6\nRequires-Dist: idna[fast] (<4,>=2.5) ; python_version < \"3\"\nRequires-Dist: local @ file:///x\nProvides-Extra: fast\n" +
				"Description-Content-Type: text/markdown\n\n# Thing\n\nName: not a field\n",
			format.Facts{
				Name: "my-thing", Version: "1.0rc1", DisplayName: "My.Thing", Summary: "A thing",
				HomePage: "https://thing.test", SourceRepository: "https://git.test/thing",
				Licenses: []format.License{{Name: "MIT OR Apache-2.0"}},
				Dependencies: []format.Dependency{
					{Name: "pyyaml", Type: "Requires-Dist", Requirement: ">=6"},
					{Name: "idna", Type: "Requires-Dist", Requirement: `[fast] (<4,>=2.5) ; python_version < "3"`},
					{Name: "local", Type: "Requires-Dist", Requirement: "@ file:///x"},
				},
				Readme: []byte("# Thing\n\nName: not a field\n"),
			},
		},
		{
			"distutils' 1.1",
			"Metadata-Version: 1.1\nName: thing\nVersion: 1.0\nSummary: UNKNOWN\nHome-page: http://thing.test\nLicense: MIT\n" +
				"Description: Thing\n        =====\n        \n        It is one.\nPlatform: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n" +
				"Classifier: License :: OSI Approved\nClassifier: Programming Language :: Python\n",
			format.Facts{
				Name: "thing", Version: "1.0", DisplayName: "thing", HomePage: "http://thing.test",
				Licenses: []format.License{{Name: "MIT"}, {Name: "MIT License"}},
				Readme:   []byte("Thing\n=====\n\nIt is one."),
			},
		},
		{
			"a licence's text, a script for a home page, lines of Windows",
			"Metadata-Version: 2.1\r\nName: thing\r\nVersion: 1\r\nHome-page: javascript:x\r\nLicense: Permission is\r\n        hereby granted\r\n\r\nText\r\n",
			format.Facts{Name: "thing", Version: "1", DisplayName: "thing", Readme: []byte("Text\r\n")},
		},
		{
			"a line that is no field ends the header",
			"Metadata-Version: 1.0\nName: thing\nVersion: 1\nSummary: one\ntwo\nHome-page: https://x.test\n",
			format.Facts{Name: "thing", Version: "1", DisplayName: "thing", Summary: "one", Readme: []byte("two\nHome-page: https://x.test\n")},
		},
		{
			"the specification's way to indent",
			"Name: thing\nVersion: 1\nDescription: a\n       |b\n       |  c\n",
			format.Facts{Name: "thing", Version: "1", DisplayName: "thing", Readme: []byte("a\nb\n  c")},
		},
		{
			"bytes that are no text",
			"Name: thing\nVersion: 1\nSummary: a\x00b\xff\n\n\xff\x00",
			format.Facts{Name: "thing", Version: "1", DisplayName: "thing", Summary: "ab\uFFFD", Readme: []byte("\uFFFD")},
		},
	} {
		m, err := readMetadata([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.claim, err)
			continue
		}
		if got := m.facts(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.claim, got, test.want)
		}
	}
}

func TestMetadataThatIsRefused(t *testing.T) {
	for claim, text := range map[string]string{
		"nothing":             "",
		"no name":             "Version: 1\n",
		"no version":          "Name: thing\n",
		"unknown":             "Name: UNKNOWN\nVersion: 0.0.0\n",
		"a name that is none": "Name: ../thing\nVersion: 1\n",
		"two names":           "Name: thing\nVersion: 1\nname: other\n",
		"two versions":        "Name: thing\nVersion: 1\nVersion: 2\n",
		"a version of none":   "Name: thing\nVersion: 2004d\n",
		"a name on two lines": "Name: thing\n other\nVersion: 1\n",
		"the next format":     "Metadata-Version: 3.0\nName: thing\nVersion: 1\n",
		"no format":           "Metadata-Version: x\nName: thing\nVersion: 1\n",
		"a long version":      "Name: thing\nVersion: " + strings.Repeat("1", 300) + "\n",
		"fields in the body":  "\nName: thing\nVersion: 1\n",
		"a name behind a CR":  "Name: thing\nSummary: x\rName: other\nVersion: 1\n",
	} {
		if _, err := readMetadata([]byte(text)); !larder.Invalid.Is(err) {
			t.Errorf("%s: got %v, want Invalid", claim, err)
		}
	}
	for _, version := range []string{"1.0", "2.5", "2.99"} {
		if _, err := readMetadata([]byte("Metadata-Version: " + version + "\nName: thing\nVersion: 1\n")); err != nil {
			t.Errorf("metadata of version %s: %v", version, err)
		}
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add([]byte("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\nRequires-Dist: a[b]>=1; c\nProject-URL: Source, https://x\n\nbody"))
	f.Add([]byte("Name: thing\r\nVersion: 1\rDescription: a\n       |b\n \tc\n: x\nx"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := readMetadata(text)
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Error(err)
			}
			return
		}
		facts := m.facts()
		if !isName(facts.Name) || normalize(facts.Name) != facts.Name {
			t.Errorf("got the name %q", facts.Name)
		}
		if strings.ContainsRune(facts.Summary+string(facts.Readme), 0) {
			t.Error("got a NUL")
		}
	})
}
