package login

import (
	"context"
	"path/filepath"
)

// maven gets a profile that looks for libraries and plugins in the repository,
// and a server of the same name, which a project's distributionManagement may
// name too.
func maven(_ context.Context, h *Host, r *Request) ([]act, error) {
	path := filepath.Join(h.Home, ".m2", "settings.xml")
	return []act{{path: path, edit: func(old []byte) ([]byte, error) { return mavenSettings(path, old, r) }}}, nil
}

func mavenSettings(path string, old []byte, r *Request) ([]byte, error) {
	if old == nil {
		old = []byte("<settings xmlns=\"http://maven.apache.org/SETTINGS/1.0.0\">\n</settings>\n")
	}
	name := r.label()
	id, where := "<id>"+name+"</id>\n", "  <id>"+name+"</id>\n      <url>"+escaped(r.Endpoint)+"</url>\n"
	return embed(path, old,
		listed{"servers", name, "<server>\n  " + id + "  <username>aws</username>\n  <password>" + escaped(r.Token) + "</password>\n</server>"},
		listed{"profiles", name, "<profile>\n  " + id +
			"  <repositories>\n    <repository>\n    " + where + "    </repository>\n  </repositories>\n" +
			"  <pluginRepositories>\n    <pluginRepository>\n    " + where + "    </pluginRepository>\n  </pluginRepositories>\n" +
			"</profile>"},
		listed{"activeProfiles", name, "<activeProfile>" + name + "</activeProfile>"},
	)
}
