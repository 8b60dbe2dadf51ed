package diagnose

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// Causes lists every constant of type Cause exactly once: the vocabulary is
// what other packages walk, so a constant left out would have no text.
func TestCausesIsComplete(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "cause.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var consts []Cause
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Cause" {
				s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				consts = append(consts, Cause(s))
			}
		}
		return true
	})
	slices.Sort(consts)
	if got := Causes(); !slices.Equal(got, consts) {
		t.Errorf("Causes() and the constants differ:\n%v\n%v", got, consts)
	}
	if c := slices.Compact(Causes()); len(c) != len(consts) {
		t.Errorf("a cause occurs twice: %d of %d are different", len(c), len(consts))
	}
}

func TestCauseNames(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, c := range Causes() {
		if !kebab.MatchString(string(c)) {
			t.Errorf("%q is not kebab-case", c)
		}
	}
}
