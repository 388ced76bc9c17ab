package registry

import "larder.example/larder/internal/format"

// Facts is what a version says about itself, as it is stored: all of
// format.Facts that has no column of its own.
type Facts struct {
	DisplayName      string       `json:"displayName,omitempty"`
	Summary          string       `json:"summary,omitempty"`
	HomePage         string       `json:"homePage,omitempty"`
	SourceRepository string       `json:"sourceRepository,omitempty"`
	Licenses         []License    `json:"licenses,omitempty"`
	Dependencies     []Dependency `json:"dependencies,omitempty"`
}

// License is one licence of a version.
type License struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Dependency is one direct dependency of a version.
type Dependency struct {
	Namespace   string `json:"namespace,omitempty"`
	Name        string `json:"name"`
	Type        string `json:"type,omitempty"`
	Requirement string `json:"requirement,omitempty"`
}

func factsOf(f format.Facts) Facts {
	stored := Facts{DisplayName: f.DisplayName, Summary: f.Summary, HomePage: f.HomePage, SourceRepository: f.SourceRepository}
	for _, l := range f.Licenses {
		stored.Licenses = append(stored.Licenses, License(l))
	}
	for _, d := range f.Dependencies {
		stored.Dependencies = append(stored.Dependencies, Dependency(d))
	}
	return stored
}
