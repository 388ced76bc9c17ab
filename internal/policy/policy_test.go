package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/policy"
)

const repository = larder.ARN("arn:aws:codeartifact:us-east-1:111122223333:repository/acme/shared")

// alice is a user of the account that owns the repository, deploy a session
// of its role dev, and xen a user of another account.
var (
	alice = policy.Principal{
		Account: "111122223333", ID: "AIDAALICEALICEALICE01",
		ARN: "arn:aws:iam::111122223333:user/alice",
	}
	deploy = policy.Principal{
		Account: "111122223333", ID: "AROADEVDEVDEVDEVDEV01",
		ARN:     "arn:aws:iam::111122223333:role/dev",
		Session: "arn:aws:sts::111122223333:assumed-role/dev/deploy",
	}
	xen = policy.Principal{
		Account: "444455556666", ID: "AIDAXENXENXENXENXEN01",
		ARN: "arn:aws:iam::444455556666:user/xen",
	}
	root = policy.Principal{Account: "111122223333", ARN: "arn:aws:iam::111122223333:root", Root: true}
)

// document makes a policy of statements.
func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func parse(t testing.TB, k policy.Kind, document string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse(k, []byte(document))
	if err != nil {
		t.Fatalf("Parse(%v, %s): %v", k, document, err)
	}
	return p
}

// identity returns what attaching one identity policy makes a set of.
func identity(t testing.TB, statements ...string) *policy.Set {
	t.Helper()
	return &policy.Set{
		Identity:    []*policy.Policy{parse(t, policy.Identity, document(statements...))},
		SameAccount: true,
	}
}

func read(p policy.Principal, k policy.Keys) *policy.Request {
	return &policy.Request{Action: "codeartifact:ReadFromRepository", Resource: repository, Principal: p, Keys: k}
}

func TestParseTakesEverySpellingOfTheLanguage(t *testing.T) {
	const rest = `"Effect":"Allow","Action":"*","Resource":"*"`
	for name, tt := range map[string]struct {
		kind     policy.Kind
		document string
	}{
		"one statement, no list":   {policy.Identity, `{"Statement":{` + rest + `}}`},
		"version last":             {policy.Identity, `{"Statement":[{` + rest + `}],"Version":"2012-10-17"}`},
		"old version and an Id":    {policy.Identity, `{"Version":"2008-10-17","Id":"x","Statement":[{` + rest + `}]}`},
		"empty Sids":               {policy.Trust, document(`{"Sid":"","Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`, `{"Sid":"","Effect":"Allow","Principal":"*","Action":"sts:TagSession"}`)},
		"Sid with spaces, twice":   {policy.Resource, document(`{"Sid":"a b","Principal":"*",`+rest+`}`, `{"Sid":"a b","Principal":"*",`+rest+`}`)},
		"lists":                    {policy.Identity, document(`{"Effect":"Deny","NotAction":["iam:*","sts:Get?aller*"],"NotResource":["arn:aws:codeartifact:*"]}`)},
		"any service":              {policy.Identity, document(`{"Effect":"Allow","Action":"*:List*","Resource":"*"}`)},
		"no Resource, on one":      {policy.Resource, document(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"codeartifact:*"}`)},
		"numbers and booleans":     {policy.Identity, document(`{` + rest + `,"Condition":{"NumericLessThan":{"sts:DurationSeconds":3600},"Bool":{"aws:SecureTransport":[true,"false"]}}}`)},
		"operators in any case":    {policy.Identity, document(`{` + rest + `,"Condition":{"bool":{"aws:SecureTransport":"true"},"forAllValues:stringLike":{"aws:TagKeys":"a*"}}}`)},
		"empty conditions":         {policy.Identity, document(`{`+rest+`,"Condition":{}}`, `{`+rest+`,"Condition":{"StringEquals":{}}}`, `{`+rest+`,"Condition":{"StringEquals":{"aws:username":[]}}}`)},
		"every sort of principal":  {policy.Resource, document(`{"Principal":{"AWS":["*","111122223333","arn:aws:iam::111122223333:root","arn:aws-cn:iam::111122223333:user/a/b","arn:aws:iam::111122223333:role/r","arn:aws:sts::111122223333:assumed-role/r/s","arn:aws:sts::111122223333:federated-user/f","AIDAALICEALICEALICE01","AROADEVDEVDEVDEVDEV01","AROADEVDEVDEVDEVDEV01:s"],"Federated":["accounts.google.com"],"Service":"codeartifact.amazonaws.com"},` + rest + `}`)},
		"all but one":              {policy.Resource, document(`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"*","Resource":"*"}`)},
		"escapes and white space":  {policy.Identity, "\n{ \"\\u0053tatement\" :\t[ { " + rest + " } ] }\r\n"},
		"unclosed variable":        {policy.Identity, document(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:codeartifact:*:*:domain/${"}`)},
		"early variable, as text":  {policy.Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:x:${aws:y}:z:t"}}`},
		"trust of a provider":      {policy.Trust, document(`{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/example.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"example.com:sub":"repo:acme/*"}}}`)},
		"trust of everyone, older": {policy.Trust, `{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole"]}]}`},
	} {
		t.Run(name, func(t *testing.T) { parse(t, tt.kind, tt.document) })
	}
}

func TestParseRefusesWhatMeansNothing(t *testing.T) {
	const (
		rest  = `"Effect":"Allow","Action":"*","Resource":"*"`
		open  = `"Effect":"Allow","Principal":"*","Action":"*"`
		trust = `"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"`
	)
	condition := func(s string) string { return document(`{` + rest + `,"Condition":{` + s + `}}`) }
	principal := func(s string) string {
		return document(`{"Effect":"Deny","Principal":` + s + `,"Action":"*","Resource":"*"}`)
	}
	for name, tt := range map[string]struct {
		kind     policy.Kind
		document string
		message  string // is part of it
	}{
		"nothing":                        {policy.Identity, ``, "Syntax errors in policy"},
		"no JSON":                        {policy.Identity, "{\n  'Statement'", "line 2, column 3"},
		"trailing bytes":                 {policy.Identity, `{"Statement":{` + rest + `}} x`, "Syntax errors in policy"},
		"two documents":                  {policy.Identity, `{"Statement":{` + rest + `}}{}`, "Syntax errors in policy"},
		"comment":                        {policy.Identity, `{"Statement":{` + rest + `/* */}}`, "Syntax errors in policy"},
		"not UTF-8":                      {policy.Identity, "{\"Statement\":{" + rest + "},\"Id\":\"\xff\"}", "not UTF-8"},
		"byte order mark":                {policy.Identity, "\ufeff{\"Statement\":{" + rest + "}}", "Syntax errors in policy"},
		"deep":                           {policy.Identity, strings.Repeat("[", 100_000), "Syntax errors in policy"},
		"deep and balanced":              {policy.Identity, strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), "must be an object"},
		"a list":                         {policy.Identity, `[]`, "must be an object"},
		"no statement":                   {policy.Identity, `{"Version":"2012-10-17"}`, "Missing required field Statement"},
		"no statements":                  {policy.Identity, `{"Statement":[]}`, "Missing required field Statement"},
		"statement is text":              {policy.Identity, `{"Statement":"x"}`, "Statement[0]: must be an object"},
		"statement in two lists":         {policy.Identity, `{"Statement":[[{` + rest + `}]]}`, "Statement[0]: must be an object"},
		"unknown version":                {policy.Identity, `{"Version":"2012-10-18","Statement":{` + rest + `}}`, "Version"},
		"version is a number":            {policy.Identity, `{"Version":2012,"Statement":{` + rest + `}}`, "Version: must be a string"},
		"unknown element":                {policy.Identity, `{"Statement":{` + rest + `},"Statements":{}}`, "Unknown field Statements"},
		"unknown element of a statement": {policy.Identity, document(`{`+rest+`}`, `{`+rest+`,"Actions":"*"}`), "Statement[1]: Unknown field Actions"},
		"element in lower case":          {policy.Identity, document(`{"effect":"Allow","Action":"*","Resource":"*"}`), "Unknown field effect"},
		"Effect in lower case":           {policy.Identity, document(`{"Effect":"allow","Action":"*","Resource":"*"}`), `Statement[0].Effect: "allow" is neither Allow nor Deny`},
		"no Effect":                      {policy.Identity, document(`{"Action":"*","Resource":"*"}`), "Missing required field Effect"},
		"Effect is a list":               {policy.Identity, document(`{"Effect":["Allow"],"Action":"*","Resource":"*"}`), "Statement[0].Effect: must be a string"},

		"element twice":             {policy.Identity, document(`{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}`), `Statement[0]: "Effect" is given twice`},
		"element twice, escaped":    {policy.Identity, document(`{"Effect":"Deny","\u0045ffect":"Allow","Action":"*","Resource":"*"}`), `"Effect" is given twice`},
		"Statement twice":           {policy.Identity, `{"Statement":{` + rest + `},"Statement":{` + rest + `}}`, `"Statement" is given twice`},
		"operator twice":            {policy.Identity, condition(`"Bool":{"aws:a":"true"},"Bool":{"aws:b":"true"}`), `"Bool" is given twice`},
		"operator twice, in case":   {policy.Identity, condition(`"Bool":{"aws:a":"true"},"bool":{"aws:b":"true"}`), `"bool" is given twice`},
		"condition key twice":       {policy.Identity, condition(`"Bool":{"aws:a":"true","AWS:A":"false"}`), `Statement[0].Condition.Bool: "AWS:A" is given twice`},
		"sort of principal twice":   {policy.Resource, principal(`{"AWS":"111122223333","AWS":"*"}`), `"AWS" is given twice`},
		"Action and NotAction":      {policy.Identity, document(`{` + rest + `,"NotAction":"iam:*"}`), "Action and NotAction exclude each other"},
		"Resource and NotResource":  {policy.Identity, document(`{` + rest + `,"NotResource":"arn:aws:x"}`), "Resource and NotResource exclude each other"},
		"Principal and NotPrincipl": {policy.Resource, document(`{` + open + `,"NotPrincipal":"*"}`), "Principal and NotPrincipal exclude each other"},

		"no Action":                  {policy.Identity, document(`{"Effect":"Allow","Resource":"*"}`), "Policy statement must contain actions"},
		"no actions":                 {policy.Identity, document(`{"Effect":"Allow","Action":[],"Resource":"*"}`), "Policy statement must contain actions"},
		"action without a service":   {policy.Identity, document(`{"Effect":"Allow","Action":["sts:*","GetItem"],"Resource":"*"}`), `must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: "GetItem"`},
		"action of no service":       {policy.Identity, document(`{"Effect":"Allow","Action":":GetItem","Resource":"*"}`), "must be prefaced by a vendor"},
		"action is a number":         {policy.Identity, document(`{"Effect":"Allow","Action":1,"Resource":"*"}`), "Statement[0].Action: must be a string"},
		"action in two lists":        {policy.Identity, document(`{"Effect":"Allow","Action":["sts:*",["sts:*"]],"Resource":"*"}`), "Statement[0].Action[1]: must be a string"},
		"no Resource":                {policy.Identity, document(`{"Effect":"Allow","Action":"*"}`), "Policy statement must contain resources"},
		"no resources":               {policy.Resource, document(`{` + open + `,"Resource":[]}`), "Policy statement must contain resources"},
		"resource is no ARN":         {policy.Identity, document(`{"Effect":"Allow","Action":"*","Resource":"acme"}`), `Resource acme must be in ARN format or "*"`},
		"resource is null":           {policy.Identity, document(`{"Effect":"Allow","Action":"*","Resource":null}`), "Statement[0].Resource: must be a string"},
		"variable before the fifth:": {policy.Identity, document(`{"Effect":"Allow","Action":"*","Resource":"arn:aws:codeartifact:*:${aws:PrincipalAccount}:domain/acme"}`), "variable before its fifth colon"},
		"Sid with a hyphen":          {policy.Identity, document(`{"Sid":"a-b",` + rest + `}`), "must be alpha-numeric"},
		"Sid twice":                  {policy.Trust, document(`{"Sid":"a",`+trust+`}`, `{"Sid":"a",`+trust+`}`), "Statement[1].Sid: Statement IDs (SID) in a single policy must be unique"},

		"Principal on an identity":    {policy.Identity, document(`{"Principal":"*",` + rest + `}`), "should not specify a principal"},
		"NotPrincipal on an identity": {policy.Identity, document(`{"NotPrincipal":"*",` + rest + `}`), "should not specify a principal"},
		"no Principal on a resource":  {policy.Resource, document(`{` + rest + `}`), "Missing required field Principal"},
		"no Principal in a trust":     {policy.Trust, document(`{"Effect":"Allow","Action":"sts:AssumeRole"}`), "Missing required field Principal"},
		"Allow but to":                {policy.Resource, document(`{"NotPrincipal":{"AWS":"111122223333"},` + rest + `}`), "NotPrincipal may be used with Effect Deny only"},
		"NotPrincipal in a trust":     {policy.Trust, document(`{"Effect":"Deny","NotPrincipal":"*","Action":"sts:AssumeRole"}`), "Has prohibited field NotPrincipal"},
		"Resource in a trust":         {policy.Trust, document(`{` + trust + `,"Resource":"*"}`), "Has prohibited field Resource"},
		"NotResource in a trust":      {policy.Trust, document(`{` + trust + `,"NotResource":"arn:aws:iam::1:role/x"}`), "Has prohibited field NotResource"},
		"other action in a trust":     {policy.Trust, document(`{"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","s3:*"]}`), "may only specify STS AssumeRole actions"},
		"any action in a trust":       {policy.Trust, document(`{"Effect":"Allow","Principal":"*","Action":"*"}`), "may only specify STS AssumeRole actions"},

		"bare principal":           {policy.Resource, principal(`"arn:aws:iam::111122223333:root"`), "Invalid principal in policy"},
		"list of principals":       {policy.Resource, principal(`["*"]`), "must be an object"},
		"nobody":                   {policy.Resource, principal(`{}`), "Principal cannot be empty"},
		"nobody in a list":         {policy.Resource, principal(`{"AWS":[]}`), "Principal cannot be empty"},
		"part of a name":           {policy.Resource, principal(`{"AWS":"arn:aws:iam::111122223333:user/*"}`), `Statement[0].Principal.AWS: Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:user/*"`},
		"all sessions":             {policy.Resource, principal(`{"AWS":"arn:aws:sts::111122223333:assumed-role/dev/*"}`), "Invalid principal in policy"},
		"a role without a session": {policy.Resource, principal(`{"AWS":"arn:aws:sts::111122223333:assumed-role/dev"}`), "Invalid principal in policy"},
		"a group":                  {policy.Resource, principal(`{"AWS":"arn:aws:iam::111122223333:group/dev"}`), "Invalid principal in policy"},
		"an ID of a group":         {policy.Resource, principal(`{"AWS":"AGPAALICEALICEALICE01"}`), "Invalid principal in policy"},
		"a short account":          {policy.Resource, principal(`{"AWS":"11112222333"}`), "Invalid principal in policy"},
		"an account in words":      {policy.Resource, principal(`{"AWS":"arn:aws:iam::acme:root"}`), "Invalid principal in policy"},
		"an ID in lower case":      {policy.Resource, principal(`{"AWS":"AIDAalicealicealice01"}`), "Invalid principal in policy"},
		"a session of a user's ID": {policy.Resource, principal(`{"AWS":"AIDAALICEALICEALICE01:x"}`), "Invalid principal in policy"},
		"an S3 user":               {policy.Resource, principal(`{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}`), `"CanonicalUser"`},
		"any service":              {policy.Resource, principal(`{"Service":"*"}`), "Invalid principal in policy"},
		"any provider":             {policy.Trust, document(`{"Effect":"Allow","Principal":{"Federated":"*"},"Action":"sts:AssumeRoleWithWebIdentity"}`), "Invalid principal in policy"},

		"unknown operator":            {policy.Identity, condition(`"StringMatches":{"aws:a":"b"}`), `Unknown condition operator "StringMatches"`},
		"unknown prefix":              {policy.Identity, condition(`"ForSomeValues:StringLike":{"aws:a":"b"}`), "Unknown condition operator"},
		"NullIfExists":                {policy.Identity, condition(`"NullIfExists":{"aws:a":"true"}`), "Unknown condition operator"},
		"ForAllValues:Null":           {policy.Identity, condition(`"ForAllValues:Null":{"aws:a":"true"}`), "Unknown condition operator"},
		"IfExists alone":              {policy.Identity, condition(`"IfExists":{"aws:a":"true"}`), "Unknown condition operator"},
		"condition is a list":         {policy.Identity, document(`{` + rest + `,"Condition":[]}`), "Statement[0].Condition: must be an object"},
		"operator without keys":       {policy.Identity, condition(`"StringEquals":"aws:a"`), "Statement[0].Condition.StringEquals: must be an object"},
		"key without a service":       {policy.Identity, condition(`"StringEquals":{"username":"a"}`), "must be prefaced by a vendor"},
		"value is an object":          {policy.Identity, condition(`"StringEquals":{"aws:a":{}}`), "must be a string"},
		"value is null":               {policy.Identity, condition(`"StringEquals":{"aws:a":null}`), "must be a string"},
		"no number":                   {policy.Identity, condition(`"NumericEquals":{"aws:a":"ten"}`), `Statement[0].Condition.NumericEquals.aws:a: "ten" is not a valid number`},
		"number with an exponent":     {policy.Identity, condition(`"NumericEquals":{"aws:a":1e3}`), `"1e3" is not a valid number`},
		"variable for a number":       {policy.Identity, condition(`"NumericEquals":{"aws:a":"${aws:b}"}`), "not a valid number"},
		"no date":                     {policy.Identity, condition(`"DateEquals":{"aws:a":"tomorrow"}`), "not a valid date"},
		"date without a zone":         {policy.Identity, condition(`"DateEquals":{"aws:a":"2020-01-01T00:00:00"}`), "not a valid date"},
		"date with a cut month":       {policy.Identity, condition(`"DateEquals":{"aws:a":"2020-1"}`), "not a valid date"},
		"date in the thirteenth":      {policy.Identity, condition(`"DateEquals":{"aws:a":"2020-13"}`), "not a valid date"},
		"no boolean":                  {policy.Identity, condition(`"Bool":{"aws:a":"yes"}`), "not a valid boolean"},
		"Null of a word":              {policy.Identity, condition(`"Null":{"aws:a":"maybe"}`), "not a valid boolean"},
		"no base64":                   {policy.Identity, condition(`"BinaryEquals":{"aws:a":"?"}`), "not a valid base64 value"},
		"no address":                  {policy.Identity, condition(`"IpAddress":{"aws:a":"localhost"}`), "not a valid IP address"},
		"address with wildcards":      {policy.Identity, condition(`"IpAddress":{"aws:a":"10.*.*.*"}`), "not a valid IP address"},
		"address with a zone":         {policy.Identity, condition(`"IpAddress":{"aws:a":"fe80::1%eth0"}`), "not a valid IP address"},
		"range too long":              {policy.Identity, condition(`"NotIpAddress":{"aws:a":"10.0.0.0/33"}`), "not a valid IP address"},
		"ARN too short":               {policy.Identity, condition(`"ArnLike":{"aws:a":"arn:aws:iam::*"}`), "not a valid ARN"},
		"too many values":             {policy.Identity, condition(`"StringEquals":{"aws:a":[` + strings.Repeat(`"x",`, 100_000) + `"x"]}`), "more than 10000 values"},
		"too many, over all elements": {policy.Resource, document(slices.Repeat([]string{`{` + open + `}`}, 10_001)...), "more than 10000 values"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Parse(tt.kind, []byte(tt.document))
			var e *larder.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *larder.Error", err)
			}
			if e.Kind != larder.Invalid || e.Code != policy.CodeMalformed {
				t.Errorf("got %v %s, want %v %s", e.Kind, e.Code, larder.Invalid, policy.CodeMalformed)
			}
			if !strings.Contains(e.Message, tt.message) {
				t.Errorf("got %q, want %q in it", e.Message, tt.message)
			}
		})
	}
}

func TestStatementsKnowTheirPlace(t *testing.T) {
	p := parse(t, policy.Identity, `{"Statement": [
  {"Sid": "one", "Effect": "Allow", "Action": "*", "Resource": "*"},
  {"Effect": "Deny",
   "Action": "*", "Resource": "*"}]}`)
	if got, want := p.Len(), 2; got != want {
		t.Fatalf("got %d statements, want %d", got, want)
	}
	for i, want := range []policy.Statement{
		{Sid: "one", Start: policy.Position{Line: 2, Column: 3}, End: policy.Position{Line: 2, Column: 68}},
		{Deny: true, Start: policy.Position{Line: 3, Column: 3}, End: policy.Position{Line: 4, Column: 35}},
	} {
		if got := p.Statement(i); got != want {
			t.Errorf("statement %d: got %+v, want %+v", i, got, want)
		}
	}
}

func TestContextKeysAreThoseOfConditionsAndVariables(t *testing.T) {
	statement := `{"Effect":"Allow","Action":"*",
		"Resource":["arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/Team}","arn:aws:codeartifact:*:*:domain/${*}${$}"],
		"Condition":{"StringLike":{"aws:username":"${AWS:UserName}-${aws:userid, 'nobody'}"},"Null":{"aws:PrincipalTag/team":"false"},"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/${saml:sub}"}}}`
	for version, want := range map[string][]string{
		"2012-10-17": {"aws:PrincipalArn", "aws:PrincipalTag/Team", "aws:PrincipalTag/team", "aws:userid", "aws:username", "saml:sub"},
		"2008-10-17": {"aws:PrincipalArn", "aws:PrincipalTag/team", "aws:username"},
	} {
		p := parse(t, policy.Identity, `{"Version":"`+version+`","Statement":`+statement+`}`)
		if got := p.ContextKeys(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", version, got, want)
		}
	}
}

func TestKeysOfTagsKeepTheirCase(t *testing.T) {
	for key, want := range map[string]string{
		"aws:SourceIp":          "aws:sourceip",
		"AWS:PrincipalTag/Team": "aws:principaltag/Team",
		"Idp.Example/Org:aud":   "idp.example/Org:aud",
		"":                      "",
	} {
		if got := policy.Fold(key); got != want {
			t.Errorf("Fold(%q): got %q, want %q", key, got, want)
		}
	}
}
