package knowledge

import (
	"reflect"
	"slices"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// recordTypes are the types whose fields fieldHint can list.
var recordTypes = []reflect.Type{
	reflect.TypeFor[Provider](), reflect.TypeFor[Server](), reflect.TypeFor[Requires](),
	reflect.TypeFor[Client](), reflect.TypeFor[Words](), reflect.TypeFor[Guide](),
	reflect.TypeFor[Cause](), reflect.TypeFor[ErrorPattern](), reflect.TypeFor[Article](), reflect.TypeFor[Source](),
	reflect.TypeFor[mailconf.Endpoint](),
}

// fieldHint names the field of a record type that a misspelt one is nearest
// to, else all of them.
func fieldHint(typeName, field string) string {
	var names []string
	for _, t := range recordTypes {
		if t.Name() == typeName {
			names = fieldNames(t)
		}
	}
	best, dist := "", 3
	for _, n := range names {
		if d := editDistance(n, field, dist); d < dist {
			best, dist = n, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}
	return "known are " + strings.Join(names, ", ")
}

// fieldNames returns the YAML names of a struct's fields, sorted.
func fieldNames(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		name, opts, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if strings.Contains(opts, "inline") {
			names = append(names, fieldNames(f.Type)...)
		} else if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
