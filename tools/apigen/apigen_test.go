package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommittedFilesAreWhatTheModelsGive(t *testing.T) {
	for _, service := range []string{"codeartifact", "iam", "larder", "sts"} {
		dir := filepath.Join("..", "..", "internal", "api", service)
		files, err := generate(dir)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range files {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s of %s is not what its model gives: run go generate ./internal/api/...", name, service)
			}
		}
	}
}

// small is a model with one operation and one structure, which tests break.
const small = `{
	"metadata": {"protocol": "rest-json", "serviceId": "Larder"},
	"operationCount": 1,
	"operations": [{
		"name": "CreateShelf", "method": "POST", "requestUri": "/v1/shelf", "responseCode": 200, "requestHasJsonBody": true,
		"input": [
			{"name": "shelfName", "location": "querystring", "wireName": "shelf", "type": "string", "required": true, "constraints": {"min": 2, "pattern": "[a-z]+"}},
			{"name": "boards", "location": "body", "wireName": "boards", "type": "list<Board>", "constraints": {"max": 3}}
		],
		"output": [{"name": "count", "location": "body", "wireName": "count", "type": "integer", "shape": "Integer"}]
	}],
	"structures": {"Board": [{"name": "width", "location": "body", "wireName": "width", "type": "long", "constraints": {"min": 1, "max": 9}}]}
}`

func TestSmallModel(t *testing.T) {
	m, err := parseModel([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	types, err := emitTypes(m)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"// CreateShelfInput is what [CreateShelf] takes.\ntype CreateShelfInput struct {\n" +
			"\tShelfName string  `query:\"shelf\" required:\"true\" len:\"2,\" pattern:\"[a-z]+\"`\n" +
			"\tBoards    []Board `json:\"boards\" len:\",3\"`\n}\n",
		"type CreateShelfOutput struct {\n\tCount int `json:\"count\" default:\"0\"`\n}\n",
		"// Board is part of CreateShelfInput.\ntype Board struct {\n\tWidth int64 `json:\"width\" range:\"1,9\"`\n}\n",
	} {
		if !strings.Contains(string(types), want) {
			t.Errorf("got\n%s, want in it\n%s", types, want)
		}
	}
}

func TestUnknownConstructsAreErrors(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"key of the model", `"operationCount"`, `"waiters": [], "operationCount"`, "waiters"},
		{"key of an operation", `"responseCode"`, `"deprecated": true, "responseCode"`, "deprecated"},
		{"key of a member", `"required"`, `"idempotencyToken": true, "required"`, "idempotencyToken"},
		{"constraint", `"min": 2`, `"min": 2, "uniqueItems": true`, "uniqueItems"},
		{"protocol", `rest-json`, `rpc-v2-cbor`, "rpc-v2-cbor"},
		{"count", `"operationCount": 1`, `"operationCount": 2`, "operationCount"},
		{"type", `list<Board>`, `list<Plank>`, "Plank"},
		{"document type", `"type": "integer"`, `"type": "document"`, "document"},
		{"location", `"location": "querystring"`, `"location": "uri"`, "uri"},
		{"no location", `"location": "querystring", `, ``, "no location"},
		{"path with a label", `/v1/shelf`, `/v1/{shelf}`, "{shelf}"},
		{"status", `"responseCode": 200`, `"responseCode": 201`, "201"},
		{"authentication", `"responseCode": 200`, `"responseCode": 200, "authtype": "bearer"`, "bearer"},
		{"pattern", `[a-z]+`, `(?=a)[a-z]+`, "unknown group"},
		{"pattern on a list", `"max": 3`, `"pattern": "a"`, "a pattern"},
		{"bounds on a structure", `list<Board>`, `Board`, "bounds"},
		{"members of a string", `"min": 2`, `"member": {"min": 1}`, "members of a string"},
		{"list of lists", `list<Board>`, `list<list<Board>>`, "nothing checks"},
		{"map of structures", `"list<Board>", "constraints": {"max": 3}`, `"map<string,Board>"`, "nothing checks"},
		{"comma in an enum", `"min": 2, "pattern": "[a-z]+"`, `"enum": ["a,b"]`, "comma"},
		{"timestamp format", `"min": 2, "pattern": "[a-z]+"`, `"timestampFormat": "iso8601"`, "iso8601"},
		{"payload in memory", `"location": "body", "wireName": "boards", "type": "list<Board>", "constraints": {"max": 3}`, `"location": "payload", "wireName": "boards", "type": "blob"`, "payload"},
		{"body that is not announced", `"requestHasJsonBody": true`, `"requestHasJsonBody": false`, "requestHasJsonBody"},
		{"names that collide", `"structures": {`, `"structures": {"CreateShelfInput": [], `, "two things"},
		{"members that collide", `"name": "boards"`, `"name": "ShelfName"`, "two members"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.ReplaceAll(small, tt.old, tt.new)
			if broken == small {
				t.Fatal("nothing was replaced")
			}
			if _, err := parseModel([]byte(broken)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
		})
	}
}

// The small model as botocore would have it. Members stay in their order.
func TestSmallModelForBotocore(t *testing.T) {
	m, err := parseModel([]byte(strings.Replace(small, `"operations": [{`, `"operations": [{ "errors": [{"name": "ConflictException", "httpStatus": 409}], `, 1)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := emitBotocore(m)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Compact(&got, text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"http":{"method":"POST","requestUri":"/v1/shelf","responseCode":200},"input":{"shape":"CreateShelfInput"},`,
		`"CreateShelfInput":{"type":"structure","required":["shelfName"],"members":{` +
			`"shelfName":{"shape":"CreateShelfInputShelfName","location":"querystring","locationName":"shelf","documentation":""},` +
			`"boards":{"shape":"CreateShelfInputBoards","locationName":"boards","documentation":""}}}`,
		`"CreateShelfInputShelfName":{"type":"string","min":2,"pattern":"[a-z]+"}`,
		`"CreateShelfInputBoards":{"type":"list","member":{"shape":"Board"},"max":3}`,
		`"Board":{"type":"structure","members":{"width":{"shape":"BoardWidth",`,
		`"ConflictException":{"type":"structure","members":{"message":{"shape":"ErrorMessage"}},"error":{"httpStatusCode":409},"exception":true}`,
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("got\n%s, want in it\n%s", got.String(), want)
		}
	}
}
