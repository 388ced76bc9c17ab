// Package golden keeps what the official AWS CLI does: command lines with the
// requests that it sends, the answers that it gets, what it prints and how it
// exits. tools/goldens records them, and tests of the command line compare
// ours with them, byte for byte, without the AWS CLI being there.
//
// It runs nothing; it reads and writes the files and replays the answers.
package golden

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Case is one invocation.
type Case struct {
	Line    string   // as it stands in the file
	Args    []string // without the program
	Env     []string // beside what all have
	Answers []Answer // to its requests; none: a server's
}

// Answer is an answer to a request.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// File is a file that is there when cases run.
type File struct{ Name, Text string }

// ParseCases reads a file of cases. Its lines are
//
//	# a comment
//	set NAME=VALUE      a variable, from here on
//	unset NAME
//	file NAME "TEXT"    a file in the home directory, which all cases run in
//	answer STATUS [NAME:VALUE...] [BODY]
//	                    answers a request of the next case
//	run ARGUMENTS       a case, in the quoting of shells
func ParseCases(text string) ([]Case, []File, error) {
	var cases []Case
	var files []File
	var answers []Answer
	env := map[string]string{}
	var order []string
	for i, line := range strings.Split(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "", "#":
		case "set":
			name, v, _ := strings.Cut(rest, "=")
			if _, had := env[name]; !had {
				order = append(order, name)
			}
			env[name] = v
		case "unset":
			delete(env, rest)
		case "file":
			var f File
			f, err = parseFile(rest)
			files = append(files, f)
		case "answer":
			var a Answer
			a, err = parseAnswer(rest)
			answers = append(answers, a)
		case "run":
			c := Case{Line: rest, Answers: answers}
			c.Args, err = Words(rest)
			for _, name := range order {
				if v, ok := env[name]; ok {
					c.Env = append(c.Env, name+"="+v)
				}
			}
			cases, answers = append(cases, c), nil
		default:
			err = fmt.Errorf("what is %q?", word)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return cases, files, nil
}

func parseFile(rest string) (File, error) {
	name, quoted, _ := strings.Cut(rest, " ")
	text, err := strconv.Unquote(quoted)
	return File{name, text}, err
}

func parseAnswer(rest string) (Answer, error) {
	status, rest, _ := strings.Cut(rest, " ")
	a := Answer{Header: http.Header{}}
	var err error
	a.Status, err = strconv.Atoi(status)
	for {
		word, more, _ := strings.Cut(rest, " ")
		name, v, ok := strings.Cut(word, ":")
		if !ok || strings.ContainsAny(name, `{"<[`) {
			break
		}
		a.Header.Set(name, v)
		rest = more
	}
	a.Body = rest
	return a, err
}

// Words splits a line as shells do: quotes of both kinds, backslashes, and
// $'...' with Go's escapes.
func Words(line string) ([]string, error) {
	var words []string
	for rest := strings.TrimLeft(line, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		var word strings.Builder
		for rest != "" && rest[0] != ' ' {
			part, n, err := wordPart(rest)
			if err != nil {
				return nil, err
			}
			word.WriteString(part)
			rest = rest[n:]
		}
		words = append(words, word.String())
	}
	return words, nil
}

func wordPart(rest string) (part string, n int, err error) {
	switch {
	case strings.HasPrefix(rest, "$'"):
		end := strings.IndexByte(rest[2:], '\'')
		if end < 0 {
			return "", 0, fmt.Errorf("no end of quote in %s", rest)
		}
		part, err = strconv.Unquote(`"` + strings.ReplaceAll(rest[2:2+end], `"`, `\"`) + `"`)
		return part, end + 3, err
	case rest[0] == '\'' || rest[0] == '"':
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return "", 0, fmt.Errorf("no end of quote in %s", rest)
		}
		return rest[1 : 1+end], end + 2, nil
	case rest[0] == '\\' && len(rest) > 1:
		return rest[1:2], 2, nil
	}
	return rest[:1], 1, nil
}
