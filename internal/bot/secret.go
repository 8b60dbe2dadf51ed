package bot

import (
	"regexp"
	"strings"
	"unicode"
)

// named finds what stands behind a word for "password" and a sign or verb that
// gives it away. German and English, with the short forms that people use.
var named = regexp.MustCompile(`(?i)\b(?:passwor[dt]e?|kennwort|passwd|passphrase|pwd?|pass|kennung|app-?passwor[dt])\b` +
	`(?:\s+(?:für|fuer|for|von|of|bei|at)\s+\S+)?\s*` +
	`(?::|=|\blautet\b|\bheißt\b|\bheisst\b|\bis\b|\bist\b|\bwar\b|\bwas\b)\s*["'„“” ]*([^\s"'„“”]{4,128})`)

// saslLine finds a login pasted out of a protocol log (RFC 4954, RFC 5034, RFC 9051).
var saslLine = regexp.MustCompile(`(?i)\b(?:AUTH(?:ENTICATE)?\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER)\s+[A-Za-z0-9+/=]{12,}|LOGIN\s+"?[^\s"]+@[^\s"]+"?\s+"?[^\s"]{4,}"?)`)

// appPassword is four groups of four letters, as Google shows app passwords.
var appPassword = regexp.MustCompile(`\b[a-z]{4} [a-z]{4} [a-z]{4} [a-z]{4}\b`)

// looksSecret reports whether a message gives a password away. It prefers to
// miss one over silencing a question about passwords: what follows must look
// like a password (letters mixed with digits or signs), not like a word.
func looksSecret(text string) bool {
	if saslLine.MatchString(text) {
		return true
	}
	lower := strings.ToLower(text)
	if strings.Contains(lower, "pass") && appPassword.MatchString(text) && groupsOfApp(text) {
		return true
	}
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		if passwordLike(strings.TrimRight(m[1], ".,;:!?)")) {
			return true
		}
	}
	return false
}

// groupsOfApp tells an app password from four short words: words have vowels,
// sixteen random letters leave at least one group without.
func groupsOfApp(text string) bool {
	for _, m := range appPassword.FindAllString(text, -1) {
		for _, w := range strings.Fields(m) {
			if !strings.ContainsAny(w, "aeiouy") {
				return true
			}
		}
	}
	return false
}

// passwordLike reports whether s mixes letters with digits or signs as chosen
// passwords do, and is no address, host, code or placeholder of a form.
func passwordLike(s string) bool {
	if len(s) < 5 || strings.ContainsAny(s, "@/\\<>[]{}") || strings.Trim(s, "*•.xX-_") == "" || strings.HasPrefix(strings.ToLower(s), "0x") {
		return false
	}
	var letters, digits, signs int
	for _, c := range s {
		switch {
		case unicode.IsLetter(c):
			letters++
		case unicode.IsDigit(c):
			digits++
		default:
			signs++
		}
	}
	switch {
	case letters > 0 && digits > 0:
		return !hostLike(s) && signs <= 4
	case letters > 0 && signs > 0:
		return strings.ContainsAny(s, "!$%&#+=?§^~")
	}
	return false
}

// hostLike reports whether s is a host name such as imap4.example.org.
func hostLike(s string) bool {
	i := strings.LastIndexByte(s, '.')
	return i > 0 && i < len(s)-2 && strings.IndexFunc(s[i+1:], func(c rune) bool { return !unicode.IsLetter(c) }) < 0
}
