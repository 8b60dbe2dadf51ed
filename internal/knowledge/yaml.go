package knowledge

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// source is one file of a knowledge folder. Its node tree, which knows line
// numbers, is made only when a problem has to be placed.
type source struct {
	name   string
	data   []byte // the YAML part of the file
	offset int    // lines of the file before data
	node   func() *yaml.Node
}

func newSource(name string, data []byte, offset int) *source {
	s := &source{name: name, data: data, offset: offset}
	s.node = sync.OnceValue(func() *yaml.Node {
		var n yaml.Node
		if yaml.Unmarshal(data, &n) != nil || len(n.Content) == 0 {
			return nil
		}
		return n.Content[0]
	})
	return s
}

// line returns the line on which the value at a path stands (string: mapping
// key, int: list index), or of the nearest enclosing value that exists.
func (s *source) line(at ...any) int {
	n := s.node()
	if n == nil {
		return s.offset + 1
	}
	line := n.Line
	for _, step := range at {
		next, l := child(n, step)
		if next == nil {
			break
		}
		n, line = next, l
	}
	return s.offset + line
}

// child returns the value below n for one step of a path, and its line.
func child(n *yaml.Node, step any) (*yaml.Node, int) {
	switch step := step.(type) {
	case string:
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1], n.Content[i].Line
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step], n.Content[step].Line
		}
	}
	return nil, 0
}

// decode reads the YAML into v, refusing unknown fields, and returns every
// mistake that the decoder can name.
func (s *source) decode(v any) []Problem {
	dec := yaml.NewDecoder(bytes.NewReader(s.data))
	dec.KnownFields(true)
	err := dec.Decode(v)
	if err == nil {
		var rest yaml.Node
		if err := dec.Decode(&rest); errors.Is(err, io.EOF) {
			return nil
		}
		return []Problem{s.problem(s.offset+1, "the file holds more than one YAML document", "remove the line --- and what follows it")}
	}
	if errors.Is(err, io.EOF) {
		return []Problem{s.problem(0, "the file is empty", "write the record or delete the file")}
	}
	var type_ *yaml.TypeError
	if !errors.As(err, &type_) {
		return []Problem{s.syntaxProblem(err.Error())}
	}
	ps := make([]Problem, 0, len(type_.Errors))
	for _, e := range type_.Errors {
		ps = append(ps, s.syntaxProblem(e))
	}
	return ps
}

// yamlLine finds the line number that the YAML package puts into its messages.
var yamlLine = regexp.MustCompile(`line (\d+): `)

// unknownField matches the message for a field that a record does not have.
var unknownField = regexp.MustCompile(`^field (\S+) not found in type knowledge\.(\w+)$`)

// cannotUnmarshal matches the message for a value of the wrong shape.
var cannotUnmarshal = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: `([^`]*)`)? into (.+)$")

// syntaxProblem turns a message of the YAML package into a Problem.
func (s *source) syntaxProblem(msg string) Problem {
	msg = strings.TrimPrefix(msg, "yaml: ")
	line := s.offset + 1
	if m := yamlLine.FindStringSubmatchIndex(msg); m != nil {
		n, _ := strconv.Atoi(msg[m[2]:m[3]])
		line = s.offset + max(n, 1)
		msg = msg[:m[0]] + msg[m[1]:]
	}
	if m := unknownField.FindStringSubmatch(msg); m != nil {
		return s.problem(line, "unknown field "+strconv.Quote(m[1]), "check the spelling; "+fieldHint(m[2], m[1]))
	}
	if m := cannotUnmarshal.FindStringSubmatch(msg); m != nil {
		what := "a " + yamlKinds[m[1]] + " does not fit here"
		if m[2] != "" {
			what = strconv.Quote(m[2]) + " does not fit here"
		}
		return s.problem(line, what, "expected "+goKind(m[3]))
	}
	return s.problem(line, msg, "compare the indentation, quotes and colons with a file that works")
}

// problem makes an error at a line of the file.
func (s *source) problem(line int, what, remedy string) Problem {
	return Problem{File: s.name, Line: line, Severity: SeverityError, What: what, Remedy: remedy}
}

// yamlKinds names YAML tags for people.
var yamlKinds = map[string]string{
	"map": "mapping", "seq": "list", "str": "text", "int": "number", "float": "number", "bool": "true/false", "null": "empty value",
}

// goKind says for people what a Go type takes.
func goKind(t string) string {
	switch {
	case strings.HasPrefix(t, "uint"):
		return "a port number from 1 to 65535"
	case strings.HasPrefix(t, "int"), strings.HasPrefix(t, "float"):
		return "a number"
	case t == "bool":
		return "true or false"
	case t == "knowledge.Text" || strings.HasPrefix(t, "map[string]string"):
		return "the languages de: and en: with a text each"
	case strings.HasPrefix(t, "[]"):
		return "a list: one line per entry, each starting with a dash"
	case strings.HasPrefix(t, "map"):
		return "a mapping: key, colon, value"
	case strings.HasPrefix(t, "knowledge."):
		return "a mapping with the fields of a " + strings.ToLower(strings.TrimPrefix(t, "knowledge."))
	}
	return "a text"
}
