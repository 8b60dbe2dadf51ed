package knowledge

import (
	"regexp"
	"strings"
)

// isRegexp tells a regular expression from a plain host suffix in Provider.MX:
// a host name holds none of these characters.
func isRegexp(m string) bool { return strings.ContainsAny(m, `\*+?[](){}|^$`) }

// compileMX compiles an MX pattern so that it matches whole host names.
func compileMX(m string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + m + `)$`)
}
