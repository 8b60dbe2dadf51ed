package match

import "strings"

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

// bracketCodes are the response codes of RFC 3501, RFC 5530 and RFC 3206 that
// people paste; lower case.
var bracketCodes = set("authenticationfailed authorizationfailed expired privacyrequired contactadmin noperm inuse expungeissued corruption " +
	"serverbug clientbug cannot limit overquota alreadyexists nonexistent unavailable alert webalert authenticate")
