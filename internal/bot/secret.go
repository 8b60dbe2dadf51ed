package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// secretWords name a password, in German and English, with the short forms
// that people and configuration files use.
const secretWords = `(?:passw(?:or[dt]e?|d)|kennw(?:o|ö)rt|passphrase|pw|pwd|pass|kennung|geheimzahl|app-?passwor[dt]|zugangsdaten|credentials|login-?daten|log-?in)`

// givers stand between the word and the password.
const givers = `(?::|=>?|->|→|–|\blautet\b|\bheißt\b|\bheisst\b|\bis\b|\bist\b|\bwar\b|\bwas\b|\bauf\b|\bto\b|\bin\b|\bneu\b)`

var (
	// named finds what stands behind a word for "password" and a sign or verb
	// that gives it away, as in "mein passwort für gmx ist …".
	named = regexp.MustCompile(`(?i)(?:\b|_)` + secretWords + `\b["']?(?:\s+(?:für|fuer|for|von|of|bei|at|jetzt|now|heute|wurde|has been|changed|geändert|set|nun)\b(?:\s+[^\s:=]+)??)?\s*` + givers + `\s*["'„“”‚‘’«»` + "`" + ` ]*([^\s"'„“”‚‘’«»` + "`" + `<>]{4,128})`)

	// fresh finds a password right behind "new password".
	fresh = regexp.MustCompile(`(?i)\b(?:neues?|new|mein|my|altes?|old)\s+` + secretWords + `\s+["'„“” ]*([^\s"'„“”]{6,128})`)

	// told finds a password in quotes, or at the end, behind a verb that says
	// nothing else: such a one may look like a word.
	told = regexp.MustCompile(`(?i)\b(?:passwor[dt]|kennwort|passphrase|pw)\s*(?:\blautet\b|\bheißt\b|\bheisst\b|\bis\b|\bist\b|[:=])\s*(?:["„“»']([^"“”«'\s]{4,64})["“”«']|(?:\blautet\b\s*)?$)`)

	// field is a line of a configuration or of a command, where whatever
	// stands there is the value.
	field = regexp.MustCompile(`(?i)(?:["'][\w.-]*pass(?:word|wd)?["']\s*:\s*["']|<[\w.-]*pass(?:word|wd)?>|\b\w+_pass(?:word|wd)?\s*=\s*["']?|--?(?:auth-)?pass(?:word)?[= ]["']?|-ap[= ]["']?)([^\s"'<>]{4,128})`)

	// userInfo is a login in a URL or an argument of curl (RFC 3986, section 3.2.1).
	userInfo = regexp.MustCompile(`(?i)(?:\b(?:imaps?|pop3?s?|smtps?|https?|ftp)://[^\s/:@]+:([^\s/@]{3,128})@|\s(?:-u|--user)[= ]["']?[^\s:"']+:([^\s"']{3,128}))`)

	// loginInName is a login in the place of a server's name: an address with
	// something behind a colon that is no port, or a name with both before an @.
	loginInName = regexp.MustCompile(`\S@[^\s:@/]+:[^\s@]*[^\s0-9@/][^\s@]*|[^\s:@/]:[^\s@/]{3,}@[^\s:@]+\.`)

	// address is an e-mail address with what is written right behind it.
	address = regexp.MustCompile(`[^\s@:/<>("']+@[^\s@:/<>)"',;|]+\.[A-Za-z]{2,}\s*(?:[:/|;,]\s*|\s+(?:und|and|mit|with|pw|pass)\s+|\s+)["'„“ ]*([^\s"'„“”]{8,128})`)

	// protocol finds a login pasted out of a log (RFC 4954, RFC 5034, RFC 9051, RFC 1939).
	protocol = regexp.MustCompile(`(?im)(?:\bAUTH(?:ENTICATE)?\s+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER)\s+[A-Za-z0-9+/=]{12,}` +
		`|^(?:\S*[>:]\s*)?[a-zA-Z]{0,4}\d{1,6}\s+(?-i:LOGIN)\s+"?[^\s"]+"?\s+"?[^\s"]{4,}"?\s*$` +
		`|\bLOGIN\s+"?[^\s"]+@[^\s"]+"?\s+"?[^\s"]{4,}"?` +
		`|^(?:(?:C|>|>>|-->|S)\s*[:>]?\s*)?PASS\s+\S{4,}\s*$` +
		`|334 UGFzc3dvcmQ6\s+(?:\S\s*[:>]\s*)?[A-Za-z0-9+/]{4,}={0,2})`)

	// bearer is what logs in without a name: OAuth2 tokens, JSON Web Tokens,
	// tokens of the platforms, basic authentication, private keys.
	bearer = regexp.MustCompile(`(?:\b[Bb]earer\s+[A-Za-z0-9._~+/=-]{20,}|\bya29\.[\w-]{20,}|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*|\bxox[abprs]-[\w-]{10,}|\bBasic\s+[A-Za-z0-9+/]{8,}={1,2}|\bAuthorization:\s*Basic\s+\S{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----)`)

	// appPassword is four groups of four letters, as Google and Apple show app passwords.
	appPassword = regexp.MustCompile(`\b[a-z]{4}[ -][a-z]{4}[ -][a-z]{4}[ -][a-z]{4}\b`)
)

// looksSecret reports whether a message gives a password away. It prefers to
// miss one over silencing a question about passwords: what a sentence names
// must look like a password, not like a word; only where nothing but a password
// can stand is every value one.
func looksSecret(text string) bool {
	if protocol.MatchString(text) || bearer.MatchString(text) {
		return true
	}
	for _, m := range userInfo.FindAllStringSubmatch(text, -1) {
		if !placeholder(m[1] + m[2]) {
			return true
		}
	}
	for _, m := range field.FindAllStringSubmatch(text, -1) {
		if !placeholder(m[1]) {
			return true
		}
	}
	lower := strings.ToLower(text)
	if strings.Contains(lower, "pass") && appPassword.MatchString(text) && groupsOfApp(text) {
		return true
	}
	for _, re := range []*regexp.Regexp{named, fresh} {
		for _, m := range re.FindAllStringSubmatch(text, -1) {
			if passwordLike(strings.TrimRight(m[1], ".,;:!?)")) {
				return true
			}
		}
	}
	for _, m := range told.FindAllStringSubmatch(text, -1) {
		if m[1] != "" && !placeholder(m[1]) && !slices.Contains(judgements, strings.ToLower(m[1])) {
			return true
		}
	}
	for _, m := range address.FindAllStringSubmatch(text, -1) {
		if strong(strings.TrimRight(m[1], ".,;:)")) {
			return true
		}
	}
	return false
}

// judgements are what people say of a password in the place of it.
var judgements = strings.Fields(`falsch richtig korrekt ungültig abgelaufen leer gesperrt unbekannt vergessen geändert zurückgesetzt nötig erforderlich
	wrong right correct incorrect invalid expired empty locked unknown forgotten changed reset required needed rejected refused accepted missing ok okay
	true false none null nein no yes ja`)

// placeholder reports whether a value only stands for one.
func placeholder(s string) bool {
	s = strings.Trim(strings.ToLower(s), `"'.,;`)
	return strings.Trim(s, "*•.x-_?#") == "" || strings.ContainsAny(s, "<>{}[]$%…") && !strings.ContainsAny(s, "0123456789") ||
		slices.Contains(judgements, s) || strings.HasPrefix(s, "your") || strings.HasPrefix(s, "dein") || strings.HasPrefix(s, "mein") || strings.HasPrefix(s, "my")
}

// strong reports whether s can hardly be anything but a password: letters,
// digits and a sign, or letters of both cases with digits between them.
func strong(s string) bool {
	if !passwordLike(s) || len(s) < 8 {
		return false
	}
	var upper, lower, digit, sign bool
	for _, c := range s {
		upper, lower, digit = upper || unicode.IsUpper(c), lower || unicode.IsLower(c), digit || unicode.IsDigit(c)
		sign = sign || strings.ContainsRune("!$%&#+=?§^~*", c)
	}
	return (upper || lower) && digit && (sign || upper && lower && !productLike(s))
}

// productLike reports whether s is a word with a number behind it: Outlook2016.
func productLike(s string) bool {
	return strings.IndexFunc(strings.TrimRight(s, "0123456789."), func(c rune) bool { return !unicode.IsLetter(c) && c != '-' }) < 0
}

// groupsOfApp tells an app password from four short words: words have vowels,
// sixteen random letters leave at least one group without.
func groupsOfApp(text string) bool {
	for _, m := range appPassword.FindAllString(text, -1) {
		for _, w := range strings.FieldsFunc(m, func(c rune) bool { return c == ' ' || c == '-' }) {
			if !strings.ContainsAny(w, "aeiouy") {
				return true
			}
		}
	}
	return false
}

// passwordLike reports whether s mixes letters with digits or signs as chosen
// passwords do, or is a long number, and is no address, host, code or
// placeholder of a form.
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
	return digits >= 6 && signs == 0
}

// hostLike reports whether s is a host name such as imap4.example.org.
func hostLike(s string) bool {
	i := strings.LastIndexByte(s, '.')
	return i > 0 && i < len(s)-2 && strings.IndexFunc(s[i+1:], func(c rune) bool { return !unicode.IsLetter(c) }) < 0
}

// SecretArgument reports whether the arguments of a test or of /settings, which
// name servers, hold something that is none and looks like a password. Where a
// sentence stands, [looksSecret] judges.
func (b *Bot) SecretArgument(args string) bool {
	if looksSecret(args) || loginInName.MatchString(args) {
		return true
	}
	words := strings.Fields(args)
	if len(words) < 2 || len(words) > 5 {
		return false
	}
	book := b.Book()
	named := false // some other word is a target
	suspect := 0
	for _, w := range words {
		lw := strings.ToLower(strings.Trim(w, ",;?!\"'„“<>()"))
		_, proto := protocolWords[lw]
		switch {
		case proto || everything[lw] || fillers[lw] || slices.Contains(loginWords, lw) || securityWords[lw] != "":
		case strings.ContainsAny(w, "@/") || hostLike(w) || book.ByAlias(lw) != nil || book.Find(lw) != nil:
			named = true
		case passwordLike(w):
			suspect++
		}
	}
	return named && suspect > 0
}
