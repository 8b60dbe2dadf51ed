package match

import "strings"

// stripFrame leaves out what is not the writer's own statement: quoted lines,
// the signature, fenced code and log dumps. The dump is returned apart, since
// hosts and codes in it still count. When nothing else is left, the dump is
// the message.
func stripFrame(text string) (body, dump string) {
	if !strings.ContainsAny(text, "\n`") {
		return text, ""
	}
	var own, logs strings.Builder
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		trim := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trim, "'''") || strings.HasPrefix(trim, "```"): // clean turns back quotes into '
			fenced = !fenced
		case trim == "--" || strings.HasPrefix(trim, "-----original") || strings.HasPrefix(trim, "-----urspr"):
			return finish(&own, &logs)
		case strings.HasPrefix(trim, ">"):
			// a quotation of somebody else
		case fenced || logLine(trim):
			logs.WriteString(line)
			logs.WriteByte('\n')
		default:
			own.WriteString(line)
			own.WriteByte('\n')
		}
	}
	return finish(&own, &logs)
}

func finish(own, logs *strings.Builder) (string, string) {
	if len(strings.TrimSpace(own.String())) < 8 && logs.Len() > 0 {
		return own.String() + logs.String(), ""
	}
	return own.String(), logs.String()
}

// logLine reports whether a line looks like a program's log: a time stamp or a
// level in front, a stack frame, or hardly any words.
func logLine(s string) bool {
	if len(s) < 12 {
		return false
	}
	for _, p := range [...]string{"at ", "info ", "debug ", "warn ", "error:", "traceback", "file \"", "c: ", "s: ", "* ok ", "[info", "[debug", "[error", "[warn"} {
		if strings.HasPrefix(s, p) {
			return p != "at " || strings.Contains(s, "(") && strings.Contains(s, ".")
		}
	}
	digits := 0
	for i := range min(len(s), 19) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	return digits >= 10 && s[0] >= '0' && s[0] <= '9' || strings.HasPrefix(s, "[20") || strings.HasPrefix(s, "<")
}
