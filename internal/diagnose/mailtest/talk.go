package mailtest

import (
	"io"
	"strconv"
	"strings"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func (v *conv) imap() {
	greeting := "* OK [CAPABILITY " + strings.Join(v.caps(), " ") + "] ready"
	if v.opts.SilentCap {
		greeting = "* OK ready"
	}
	if v.greet(greeting) != nil {
		return
	}
	for {
		line, err := v.line()
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(line, " ")
		verb, args, _ := strings.Cut(rest, " ")
		v.tag = tag
		switch strings.ToUpper(verb) {
		case "CAPABILITY":
			if err = v.capsFault(); err == nil {
				err = v.say(StageCapabilities, "* CAPABILITY "+strings.Join(v.caps(), " "), tag+" OK done")
			}
		case "STARTTLS":
			err = v.upgrade(tag+" OK go ahead", "STARTTLS", tag+" BAD unknown command")
		case "AUTHENTICATE":
			err = v.sasl(args, tag+" ", "OK [CAPABILITY IMAP4rev1] logged in", "NO [AUTHENTICATIONFAILED] Authentication failed.")
		case "LOGIN":
			err = v.imapLogin(tag, args)
		case "SELECT", "EXAMINE":
			v.opts.Inbox.open()
			if err = v.fault(StageOpen); err == nil {
				err = v.say(StageOpen, "* 3 EXISTS", "* 0 RECENT", tag+" OK [READ-ONLY] opened")
			}
		case "LOGOUT":
			_ = v.say("", "* BYE bye", tag+" OK done")
			return
		default:
			err = v.say("", tag+" BAD unknown command")
		}
		if err != nil {
			return
		}
	}
}

// imapLogin understands quoted strings and synchronising literals.
func (v *conv) imapLogin(tag, args string) error {
	var words []string
	for len(words) < 2 {
		args = strings.TrimLeft(args, " ")
		switch {
		case strings.HasPrefix(args, `"`):
			end := 1
			for end < len(args) && args[end] != '"' {
				if args[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(args) {
				return v.say("", tag+" BAD quoted string")
			}
			words = append(words, strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(args[1:end]))
			args = args[end+1:]
		case strings.HasPrefix(args, "{") && strings.HasSuffix(args, "}"):
			n, err := strconv.Atoi(args[1 : len(args)-1])
			if err != nil || n < 0 || n > 1<<16 {
				return v.say("", tag+" BAD literal")
			}
			if err := v.say("", "+ go"); err != nil {
				return err
			}
			b := make([]byte, n)
			if _, err := io.ReadFull(v.r, b); err != nil {
				return err
			}
			words = append(words, string(b))
			if args, err = v.line(); err != nil {
				return err
			}
		default:
			return v.say("", tag+" BAD LOGIN")
		}
	}
	return v.verdict(v.check(words[0], words[1]), tag+" ", "OK logged in", "NO [AUTHENTICATIONFAILED] Authentication failed.")
}

func (v *conv) pop3() {
	if v.greet("+OK ready") != nil {
		return
	}
	user := ""
	for {
		line, err := v.line()
		if err != nil {
			return
		}
		verb, args, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "CAPA":
			if err = v.capsFault(); err == nil {
				err = v.say(StageCapabilities, append(append([]string{"+OK"}, v.caps()...), ".")...)
			}
		case "STLS":
			err = v.upgrade("+OK go ahead", "STLS", "-ERR unknown command")
		case "USER":
			if user = args; v.opts.UserNeedsTLS && v.tls == nil && v.opts.Security != mailconf.TLS {
				err = v.say("", "-ERR TLS required to log in.")
			} else {
				err = v.say("", "+OK")
			}
		case "PASS":
			err = v.verdict(v.check(user, args), "", "+OK logged in", "-ERR [AUTH] Authentication failed.")
		case "AUTH":
			err = v.sasl(args, "", "+OK logged in", "-ERR [AUTH] Authentication failed.")
		case "APOP":
			err = v.verdict(v.apop(args), "", "+OK logged in", "-ERR [AUTH] Authentication failed.")
		case "STAT":
			if err = v.fault(StageOpen); err == nil {
				err = v.say(StageOpen, "+OK 3 1200")
			}
		case "QUIT":
			_ = v.say("", "+OK bye")
			return
		default:
			err = v.say("", "-ERR unknown command")
		}
		if err != nil {
			return
		}
	}
}

func (v *conv) smtp() {
	if v.greet("220 "+v.opts.Host+" ESMTP ready") != nil {
		return
	}
	for {
		line, err := v.line()
		if err != nil {
			return
		}
		verb, args, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			if err = v.capsFault(); err == nil {
				err = v.say(StageCapabilities, ehlo(v.opts.Host, v.caps())...)
			}
		case "STARTTLS":
			err = v.upgrade("220 go ahead", "STARTTLS", "502 5.5.1 unknown command")
		case "AUTH":
			err = v.sasl(args, "", "235 2.7.0 Authentication successful", "535 5.7.8 Error: authentication failed")
		case "QUIT":
			_ = v.say("", "221 2.0.0 bye")
			return
		default:
			err = v.say("", "502 5.5.2 unknown command")
		}
		if err != nil {
			return
		}
	}
}

// ehlo formats a reply of several lines.
func ehlo(host string, caps []string) []string {
	lines := append([]string{host}, caps...)
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + l
	}
	return lines
}

// greet says the greeting of the options, or the usual one.
func (v *conv) greet(usual string) error {
	if v.opts.Greeting != "" {
		usual = v.opts.Greeting
	}
	return v.say(StageGreeting, usual)
}

// upgrade answers STARTTLS, when the capability is among those listed.
func (v *conv) upgrade(yes, capability, no string) error {
	if err := v.fault(StageSTARTTLS); err != nil {
		return err
	}
	listed := false
	for _, c := range v.caps() {
		listed = listed || strings.EqualFold(c, capability)
	}
	if !listed || v.tls != nil || v.opts.Security == mailconf.TLS {
		return v.say("", no)
	}
	if err := v.say(StageSTARTTLS, yes); err != nil {
		return err
	}
	return v.startTLS()
}
