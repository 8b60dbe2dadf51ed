package knowledge

import (
	"fmt"
	"slices"
	"strings"
)

// Severity tells how bad a Problem is.
type Severity string

// The severities. A record with an error is left out of the Facts; a warning
// leaves it in.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Problem is a mistake in a knowledge folder, for the person who edits the file.
type Problem struct {
	File     string   `json:"file"`           // slash-separated, relative to the folder
	Line     int      `json:"line,omitempty"` // 1-based, 0 when the whole file is meant
	Severity Severity `json:"severity"`
	What     string   `json:"what"`   // what is wrong
	Remedy   string   `json:"remedy"` // what to write instead
}

// String returns "FILE:LINE: severity: what; remedy", the form that editors jump to.
func (p Problem) String() string {
	at := p.File
	if p.Line > 0 {
		at = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	s := fmt.Sprintf("%s: %s: %s", at, p.Severity, p.What)
	if p.Remedy != "" {
		s += "; " + p.Remedy
	}
	return s
}

// Errors returns the problems that are errors, in order.
func Errors(ps []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Severity != SeverityError })
}

// sortProblems orders by file, then line, then text.
func sortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.What, b.What)
	})
}
