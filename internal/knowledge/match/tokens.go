package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind says what a token is; everything but a word is an entity and enters the
// classifiers as its class only, so that "gmx" never becomes a sign of a topic.
type kind uint8

const (
	word     kind = iota
	boundary      // end of a clause or line
	address       // an e-mail address
	host          // a host name or domain
	number
	code // an error code
	ip
	url
)

// token is a piece of a message: raw in lower case, text folded.
type token struct {
	kind   kind
	raw    string
	text   string
	entity bool // taken by a provider or client; text is its class then
	joined bool // written to the token before without a blank
}

// tokenize splits cleaned text. Host names, addresses, URLs and codes stay whole.
func tokenize(s string) []token {
	out := make([]token, 0, len(s)/5+4)
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if !wordRune(r) {
			if isBoundary(r, s[i+n:]) && len(out) > 0 && out[len(out)-1].kind != boundary && !isOrdinal(r, out[len(out)-1]) {
				out = append(out, token{kind: boundary, raw: s[i : i+n], text: "|"})
			}
			i += n
			continue
		}
		j := scanField(s, i)
		out = appendField(out, s[i:j])
		i = j
	}
	return out
}

// isOrdinal reports whether a dot stands behind a count: "mein 2. Konto".
func isOrdinal(r rune, before token) bool {
	return r == '.' && before.kind == number && (before.text == "2" || before.text == "3")
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '@' || r == '&'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// isBoundary reports whether a sign ends a clause. A dot counts when a blank
// follows; "web. de" is put together again by the provider pass.
func isBoundary(r rune, rest string) bool {
	switch r {
	case '\n', ';', '!', '?', ',', '"', '“', '”', '„', '«', '»', '(', ')', '|', '…', '>':
		return true
	case ':', '.':
		return rest == "" || rest[0] == ' ' || rest[0] == '\n' || rest[0] == '.' || rest[0] == '"'
	case '-':
		return strings.HasPrefix(rest, " ")
	}
	return false
}

// scanField returns the end of the run at i that may form one host, address or code.
func scanField(s string, i int) int {
	j := i
	for j < len(s) {
		r, n := rune(s[j]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[j:])
		}
		if !wordRune(r) {
			if !strings.ContainsRune(".-_'/:+#%=*~", r) || j+n >= len(s) {
				break
			}
			next, _ := utf8.DecodeRuneInString(s[j+n:])
			if !wordRune(next) && next != '/' && next != '_' {
				break
			}
		}
		j += n
	}
	return max(j, i+1)
}

// appendField classifies one run and appends it, split into words when it is no entity.
func appendField(out []token, f string) []token {
	if strings.HasPrefix(f, "@") && isHost(f[1:]) {
		f = f[1:] // "any @web.de address"
	}
	switch {
	case strings.Contains(f, "://"):
		return append(out, token{kind: url, raw: f, text: "@url"})
	case isAddress(f):
		return append(out, token{kind: address, raw: f, text: "@addr"})
	case isErrorCode(f):
		return append(out, token{kind: code, raw: f, text: "@code"})
	case isIP(f):
		return append(out, token{kind: ip, raw: f, text: "@ip"})
	}
	if h, port, ok := strings.Cut(f, ":"); ok && isHost(h) && allDigits(port) {
		out = append(out, token{kind: host, raw: h, text: "@host"})
		return append(out, token{kind: number, raw: port, text: "@num", joined: true})
	}
	if h, path, ok := strings.Cut(f, "/"); ok && path != "" { // "imap.web.de:993/ssl"
		name, port, _ := strings.Cut(h, ":")
		if isHost(name) && (port == "" || allDigits(port)) {
			return appendField(appendField(out, h), path)
		}
	}
	if isHost(f) {
		return append(out, token{kind: host, raw: strings.TrimSuffix(f, "/"), text: "@host"})
	}
	if startsDigit(f) && strings.ContainsAny(f, ".:") && !strings.ContainsFunc(f, unicode.IsLetter) {
		return append(out, token{kind: number, raw: f, text: "@ver"}) // a version, date or time
	}
	first := len(out)
	out = appendWords(out, f)
	for i := first + 1; i < len(out); i++ {
		out[i].joined = true
	}
	return out
}

func appendWords(out []token, f string) []token {
	for w := range strings.FieldsFuncSeq(f, func(r rune) bool { return !wordRune(r) && r != '\'' && r != '_' }) {
		switch {
		case w == "&" || w == "@":
			if w == "&" {
				out = append(out, token{raw: w, text: "und"})
			}
		case allDigits(w):
			out = append(out, numberToken(w))
		case isErrorCode(w):
			out = append(out, token{kind: code, raw: w, text: "@code"})
		case strings.ContainsRune(w, '&'):
			for part := range strings.SplitSeq(strings.ReplaceAll(w, "&", " und "), " ") {
				out = appendWord(out, part)
			}
		case strings.ContainsRune(w, '_'):
			for part := range strings.SplitSeq(w, "_") {
				out = appendWord(out, part)
			}
		default:
			for part := range strings.SplitSeq(w, "@") { // "name@t -online.de"
				out = appendWord(out, part)
			}
		}
	}
	return out
}

// numberToken keeps the text of short numbers ("Windows 7", "2 Konten"); longer
// ones are all alike.
func numberToken(w string) token {
	if len(w) <= 2 {
		return token{kind: number, raw: w, text: w}
	}
	return token{kind: number, raw: w, text: "@num"}
}

func appendWord(out []token, w string) []token {
	f := fold(strings.Trim(w, "'"))
	if f == "" {
		return out
	}
	if allDigits(f) {
		return append(out, numberToken(w))
	}
	if n := len(out); n > 0 && out[n-1].text == "e" && strings.HasPrefix(f, "mail") {
		out[n-1] = token{raw: "e" + w, text: "e" + f} // "e-mail", "e mail"
		return out
	}
	if n := len(out); n > 0 && (f == "up" || f == "ups") && (out[n-1].text == "pop" || out[n-1].text == "pops") {
		out[n-1] = token{raw: "popup", text: "popup"} // a window, not the protocol
		return out
	}
	return append(out, token{raw: w, text: f})
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func startsDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

func isAddress(f string) bool {
	i := strings.IndexByte(f, '@')
	return i > 0 && i < len(f)-3 && strings.Count(f, "@") == 1 && isHost(f[i+1:])
}

// isHost accepts names of at least two labels whose last one is a plausible
// top-level domain; "z.b", "1.2" and "v2.0" are none.
func isHost(f string) bool {
	f = strings.TrimSuffix(f, "/")
	i := strings.LastIndexByte(f, '.')
	if i <= 0 || strings.ContainsAny(f, "@/_'+#%=*~:&") || strings.Contains(f, "..") {
		return false
	}
	tld := f[i+1:]
	if strings.HasSuffix(tld, "exception") || strings.HasSuffix(tld, "error") {
		return false // MailKit.Security.AuthenticationException
	}
	if len(tld) < 2 || strings.ContainsFunc(tld, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return false
	}
	if strings.Count(f, ".") == 1 {
		return (knownTLD[tld] || slipOfEnding[tld] != "" && meantDomain(f) != "") && i >= 2 && !fileName[tld] || i >= 1 && knownTLD[tld] && len(f) <= 5
	}
	return knownTLD[tld] || hostPrefix(f)
}

func hostPrefix(h string) bool {
	for _, p := range [...]string{"imap", "smtp", "pop", "mail", "mx", "securesmtp", "secureimap", "securepop"} {
		if strings.HasPrefix(h, p) {
			return true
		}
	}
	return false
}

// knownTLD are the top-level domains that count in running text, where a
// missing blank after a dot would otherwise make hosts out of words.
var knownTLD = set("de com net org at ch eu info biz uk us ca fr it es nl be pl dk se no fi cz io me co name online email cloud li lu " +
	"au nz in jp cn br ru tr ie pt gr hu ro sk si hr mx za local lan test example berlin hamburg koeln bayern tv cc to ms edu gov app dev tech shop site")

// fileName are endings that are top-level domains and file names alike; with
// one dot only they are read as neither.
var fileName = set("app dev in to no")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

func isIP(f string) bool {
	dots, digits := 0, 0
	for i := 0; i < len(f); i++ {
		switch {
		case f[i] == '.':
			dots++
			if digits == 0 {
				return false
			}
			digits = 0
		case f[i] >= '0' && f[i] <= '9':
			if digits++; digits > 3 {
				return false
			}
		default:
			return false
		}
	}
	return dots == 3 && digits > 0
}
