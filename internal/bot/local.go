package bot

import (
	"fmt"
	"slices"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// maxLocal is how many servers the lines for the own computer are given for;
// more nobody types.
const maxLocal = 3

// localAnswer says how to look at the servers from the person's own computer:
// with mailhelpbot, and with what each system brings along. None of the lines
// takes a password as an argument, and none prints one: curl asks for it, and
// runs without -v, which would show the login in base64.
func (v *view) localAnswer(q query) Answer {
	v.lang = firstLang(v.lang, "en")
	t, bad := target(q)
	if q.empty() || bad != "" || len(t.Endpoints) == 0 {
		return v.answer(Paragraph{Spans(T(v.say("test.which")), Code("mailhelpbot test gmx"))})
	}
	a := v.answer(
		Heading{v.say("local.title", "name", clip(t.Name))},
		Paragraph{Spans(T(v.say("local.bot")))},
		Steps{Items: [][]Span{
			Spans(Code("mailhelpbot test " + actionValue(q))),
			Spans(Code("mailhelpbot test --auth "+actionValue(q)), T(" – "+v.say("local.auth"))),
		}},
		Paragraph{Spans(T(v.say("local.nothing")))},
	)
	eps := preferred(t.Endpoints)
	for _, system := range []struct {
		name string
		line func(mailconf.Endpoint) string
	}{
		{"Windows (PowerShell)", powershellLine}, {"macOS, Linux", opensslLine},
	} {
		list := Steps{}
		for _, e := range eps {
			list.Items = append(list.Items, Spans(Code(system.line(e))))
		}
		a.Blocks = append(a.Blocks, Paragraph{Spans(Strong(system.name))}, list)
	}
	a.Blocks = append(a.Blocks, Paragraph{Spans(Strong(v.say("local.login")))}, v.curlLines(eps),
		Hint{Spans(T(v.say("local.paste")))})
	a.Actions = []Action{{ID: ActionTest, Label: v.say("button.test"), Value: actionValue(q)}}
	return a
}

// preferred are the endpoints to look at, one a protocol, with TLS from the
// start where there is one (RFC 8314, section 3.3).
func preferred(all []mailconf.Endpoint) []mailconf.Endpoint {
	var out []mailconf.Endpoint
	for _, security := range []mailconf.Security{mailconf.TLS, mailconf.STARTTLS} {
		for _, e := range all {
			if e.Security == security && len(out) < maxLocal && !slices.ContainsFunc(out, func(o mailconf.Endpoint) bool { return o.Protocol == e.Protocol }) {
				out = append(out, e)
			}
		}
	}
	return out
}

func powershellLine(e mailconf.Endpoint) string {
	return fmt.Sprintf("Test-NetConnection %s -Port %d", e.Host, e.Port)
}

func opensslLine(e mailconf.Endpoint) string {
	s := fmt.Sprintf("openssl s_client -connect %s -servername %s", e.HostPort(), e.Host)
	if e.Security == mailconf.STARTTLS {
		s += " -starttls " + string(e.Protocol)
	}
	return s + " </dev/null"
}

// curlLines log in with curl, which Windows 10 and later, macOS and Linux
// have. Without a password behind the name curl asks for it without echo.
func (v *view) curlLines(eps []mailconf.Endpoint) Block {
	list := Steps{}
	for _, e := range eps {
		scheme := string(e.Protocol)
		must := " --ssl-reqd"
		if e.Security == mailconf.TLS {
			scheme, must = scheme+"s", ""
		}
		list.Items = append(list.Items, Spans(Code(fmt.Sprintf("curl -sS --max-time 30%s -u %s %s://%s/", must, v.say("local.user"), scheme, e.HostPort()))))
	}
	return list
}
