package match

import (
	"slices"
	"strings"
)

// isErrorCode reports whether a lower-case field is an error code by its form
// alone: 0x800CCC0E (also with letters O for zeros, or without 0x), an SMTP
// enhanced code (RFC 3463) such as 5.7.139, or a combination such as
// 535-5.7.8. Bare reply codes (535) need context; see replyCode.
func isErrorCode(f string) bool {
	return hexCode(f) != "" || enhancedCode(f) != "" || strings.HasPrefix(f, "aadsts") && allDigits(f[6:])
}

// hexCode returns the canonical form 0X… of a Windows or Outlook code, or "".
func hexCode(f string) string {
	s := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(f, "0x"), "ox"), "h")
	hadPrefix := len(s) < len(f) && (strings.HasPrefix(f, "0x") || strings.HasPrefix(f, "ox"))
	if len(s) != 8 && !(hadPrefix && len(s) >= 7 && len(s) <= 9) {
		return ""
	}
	s = strings.ReplaceAll(s, "o", "0")
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ""
		}
	}
	if !hadPrefix && (s[0] != '8' || allDigits(s)) {
		return ""
	}
	return "0x" + strings.ToUpper(s)
}

// enhancedCode returns class.subject.detail of RFC 3463 section 2, with the
// reply code in front when the field holds it ("535-5.7.8"), or "".
func enhancedCode(f string) string {
	reply := ""
	if len(f) > 4 && allDigits(f[:3]) && (f[3] == '-' || f[3] == '/' || f[3] == '#') {
		reply, f = f[:3]+" ", f[4:]
	}
	f = strings.TrimPrefix(f, "#")
	class, rest, _ := strings.Cut(f, ".")
	subject, detail, _ := strings.Cut(rest, ".")
	if class != "2" && class != "4" && class != "5" {
		return ""
	}
	if !allDigits(subject) || !allDigits(detail) || len(subject) > 1 || len(detail) > 3 {
		return ""
	}
	return reply + f
}

// replyCode reports whether n is an SMTP reply code that names a failure
// (RFC 5321 section 4.2.3, RFC 4954 section 6).
func replyCode(n string) bool {
	return len(n) == 3 && (n[0] == '4' || n[0] == '5') && strings.Contains(" 421 432 450 451 452 454 455 500 501 502 503 504 521 523 530 534 535 538 541 550 551 552 553 554 555 556 ", " "+n+" ")
}

// refusedLogin reports whether codes hold the SMTP reply to wrong credentials
// (535, RFC 4954 section 6), whatever code of its own a program reports beside
// it, and no enhanced code that tells more.
func refusedLogin(codes []string) bool {
	return slices.Contains(codes, "535") && !slices.ContainsFunc(codes, func(c string) bool { return strings.Contains(c, ".") })
}

// socketCodes are the errors of Windows Sockets that people paste; by Microsoft's
// published list of them.
var socketCodes = set("10013 10049 10050 10051 10052 10053 10054 10060 10061 10064 10065 11001 11002 11003 11004")

// failureBefore reports whether one of the three words before toks[i] says that
// a number is that of an error.
func failureBefore(toks []token, i int) bool {
	for _, t := range toks[max(0, i-3):i] {
		if failureWords[t.text] {
			return true
		}
	}
	return false
}

var failureWords = set("error errno errorcode fehler fehlercode fehlernummer socketfehler socketerror socket winsock winerror wsa wsaerror connect exception code")

// bracketCodes are the response codes of RFC 3501, RFC 5530 and RFC 3206 that
// people paste; lower case.
var bracketCodes = set("authenticationfailed authorizationfailed expired privacyrequired contactadmin noperm inuse expungeissued corruption " +
	"serverbug clientbug cannot limit overquota alreadyexists nonexistent unavailable alert webalert authenticate")

// nearCode is a listed code that may stand in for an unlisted one.
type nearCode struct {
	code     string
	strength float32
}

// nearCodes lists the codes that tell most about an enhanced status code that
// no pattern lists: the same condition as a permanent or a transient failure,
// then the subject alone ("other or undefined"); RFC 3463 sections 2 and 3.
func nearCodes(code string) []nearCode {
	class, rest, ok := strings.Cut(code, ".")
	subject, _, two := strings.Cut(rest, ".")
	if !ok || !two {
		return nil
	}
	other := "4"
	if class == "4" {
		other = "5"
	}
	return []nearCode{{other + "." + rest, 0.8}, {class + "." + subject + ".0", 0.5}}
}

// familyStrength is how much the family of a code counts beside its own entry.
const familyStrength = 0.5

// families are the beginnings of codes and what each family is about, for
// codes that no pattern lists; cleaned text, so in lower case. Sources: Windows
// winerror.h (FACILITY_SECURITY 0x8009, FACILITY_CERT 0x800B, WinINet and
// Winsock errors in FACILITY_WIN32 0x8007), Outlook's mail codes in
// FACILITY_INTERNET 0x800C by their published list, NSS and OpenSSL error
// headers, Node's errno names, Microsoft Entra sign-in codes.
var families = []struct{ prefix, cause, topic string }{
	{"mozilla_pkix_error_", "cert-untrusted", "certificate-warning"},
	{"sec_error_", "cert-untrusted", "certificate-warning"},
	{"ssl_error_", "tls-handshake", "tls-handshake-failed"},
	{"x509_v_err_", "cert-untrusted", "certificate-warning"},
	{"err_cert_", "cert-untrusted", "certificate-warning"},
	{"err_tls_", "tls-handshake", "tls-handshake-failed"},
	{"err_ssl_", "tls-handshake", "tls-handshake-failed"},
	{"aadsts", "oauth-signin-failed", "oauth-required"},
	{"0x800b01", "cert-untrusted", "certificate-warning"},
	{"0x800920", "cert-untrusted", "certificate-warning"},
	{"0x800903", "tls-handshake", "tls-handshake-failed"},
	{"0x80072f", "cert-untrusted", "certificate-warning"},
	{"0x80072e", "connection-failed", "connection-failed-generic"},
	{"0x800727", "connection-failed", "connection-failed-generic"},
	{"0x800ccc6", "smtp-rejected", "send-failed-generic"},
	{"0x800ccc7", "smtp-rejected", "send-failed-generic"},
	{"0x800ccc9", "pop3-server-error", "receive-failed-generic"},
	{"0x800ccc", "connection-failed", "connection-failed-generic"},
	{"err_connection_", "connection-failed", "connection-failed-generic"},
	{"ns_error_net_", "connection-failed", "connection-failed-generic"},
	{"ssl routines", "tls-handshake", "tls-handshake-failed"},
}

// spoken returns the protocol whose server answers look like a line of text:
// "-ERR" (RFC 1939 section 3), a tag with NO or BAD, or "* BYE" (RFC 3501
// section 7.1), a reply code at the beginning (RFC 5321 section 4.2).
func spoken(text string) string {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimLeft(line, " \"'>[(")
		first, rest, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "-err"), strings.Contains(line, " -err "):
			return "pop3"
		case strings.HasPrefix(line, "* bye"), strings.HasPrefix(line, "* no "), strings.Contains(line, "no [") && !strings.Contains(line, "re: ["):
			return "imap"
		case isTag(first) && (strings.HasPrefix(rest, "no ") || strings.HasPrefix(rest, "bad ")):
			return "imap"
		case len(line) > 4 && replyCode(line[:3]) && (line[3] == ' ' || line[3] == '-') && !counts(line[4:]):
			return "smtp"
		}
	}
	return ""
}

// counts reports whether the first word of rest is something to count.
func counts(rest string) bool {
	w, _, _ := strings.Cut(rest, " ")
	return units[fold(w)]
}

// isTag reports whether a word may be the tag of an IMAP command: a few letters
// and a number.
func isTag(w string) bool {
	digits := strings.TrimLeft(w, "abcdefghijklmnopqrstuvwxyz.")
	return len(w) <= 8 && digits != "" && len(w)-len(digits) <= 4 && allDigits(digits)
}
