package diagnose

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

// scripted is a connection on which the other side has said everything already.
type scripted struct {
	net.Conn
	in io.Reader
}

func (c scripted) Read(b []byte) (int, error)     { return c.in.Read(b) }
func (scripted) Write(b []byte) (int, error)      { return len(b), nil }
func (scripted) Close() error                     { return nil }
func (scripted) SetDeadline(time.Time) error      { return nil }
func (scripted) SetReadDeadline(time.Time) error  { return nil }
func (scripted) SetWriteDeadline(time.Time) error { return nil }

// talk drives a dialect through everything that a probe asks.
func talk(tb testing.TB, p mailconf.Protocol, data []byte) {
	s := newSession(context.Background(), scripted{in: bytes.NewReader(data)})
	defer s.close()
	d := newDialect(p, "probe.example.org")
	r, o, err := d.greeting(s)
	check(tb, p, StepGreeting, r, o)
	for _, ask := range []func() (reply, offer, error){
		func() (reply, offer, error) { return d.startTLS(s, o) },
		func() (reply, offer, error) { return d.capabilities(s) },
		func() (reply, offer, error) { r, err := d.auth(s, "PLAIN", nil); return r, offer{}, err },
		func() (reply, offer, error) { r, err := d.next(s, []byte("x")); return r, offer{}, err },
		func() (reply, offer, error) { r, err := d.open(s); return r, offer{}, err },
	} {
		if err != nil {
			return
		}
		r, o, err = ask()
		check(tb, p, StepAuth, r, o)
	}
}

// check holds what must be true of any reply: it is classified, and what is
// listed as mechanism is fit to be shown.
func check(tb testing.TB, p mailconf.Protocol, st StepKind, r reply, o offer) {
	if f := classify(p, st, r, Facts{}); f.cause == "" {
		tb.Errorf("no cause for %q", r.lines)
	}
	for _, m := range o.names(p) {
		if CleanServerText(m) != m {
			tb.Errorf("mechanism %q", m)
		}
	}
	if len(r.lines) > maxLines || len(strings.Join(r.lines, "")) > maxSession {
		tb.Errorf("%d lines kept", len(r.lines))
	}
}

func FuzzSMTP(f *testing.F) {
	f.Add([]byte("220 mail.example.org ESMTP\r\n250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH=PLAIN LOGIN\r\n220 go\r\n250 x\r\n334 \r\n535-5.7.8 no\r\n535 5.7.8 no\r\n"))
	f.Add([]byte("220-\r\n220\r\n250\r\n25\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) { talk(t, mailconf.SMTP, data) })
}

func FuzzIMAP(f *testing.F) {
	f.Add([]byte("* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] hi\r\na1 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na2 OK [Error=\"x ]\" y] done\r\n+ \r\na3 NO [CODE (a] b) c\r\n"))
	f.Add([]byte("* PREAUTH {3}\r\nabc x\r\n* BYE [ALERT] {99999999999}\r\n* {5+}\r\nab"))
	f.Fuzz(func(t *testing.T, data []byte) { talk(t, mailconf.IMAP, data) })
}

func FuzzPOP3(f *testing.F) {
	f.Add([]byte("+OK <1.2@example.org>\r\n+OK\r\nSTLS\r\nSASL PLAIN LOGIN\r\nUSER\r\n.\r\n+OK go\r\n-ERR\r\n+ \r\n-ERR [AUTH] no\r\n"))
	f.Add([]byte("-ERR [IN-USE\r\n+OKAY\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) { talk(t, mailconf.POP3, data) })
}

func FuzzReadHello(f *testing.F) {
	f.Add([]byte("\x15\x03\x01\x00\x02\x02\x46"))
	f.Add(append([]byte("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03"), make([]byte, 120)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if h, err := readHelloAndCerts(bytes.NewReader(data)); err == nil && len(h.certs) > 0 && h.version != tls.VersionTLS12 {
			t.Errorf("certificates without TLS 1.2: %+v", h)
		}
		if h, err := readHello(bytes.NewReader(data)); err == nil && h.version == 0 && h.alert == 0 && h.suite == 0 && data[0] != 21 && data[0] != 22 {
			t.Errorf("%x is no TLS", data)
		}
	})
}

func FuzzCleanServerText(f *testing.F) {
	for _, s := range []string{
		"535 5.7.8 Error\r\n", "\x1b]0;x\x07a\u202eb\u200bc\ufeff\u00ad", "a\xff\xfeb", "see https://x.example/a?b=c now", "://", "a://b://c", strings.Repeat("ü ", 300),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := CleanServerText(s)
		switch {
		case !utf8.ValidString(got):
			t.Errorf("%q is not UTF-8", got)
		case utf8.RuneCountInString(got) > maxServerText+2:
			t.Errorf("%d characters", utf8.RuneCountInString(got))
		case strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) || hidden(r) }):
			t.Errorf("%q holds what cannot be seen", got)
		case strings.Contains(got, "://"):
			t.Errorf("%q holds a link", got)
		case CleanServerText(got) != got:
			t.Errorf("%q becomes %q", got, CleanServerText(got))
		}
	})
}

func FuzzHostName(f *testing.F) {
	for _, s := range []string{"imap.gmx.net", "müller.de", "0x7f.1", "[::1]", "a..b", "xn--a.de", "١٢٧.٠.٠.١"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, ok := Policy{}.hostName(s)
		if !ok {
			return
		}
		if again, ok := (Policy{}).hostName(name); !ok || again != name {
			t.Errorf("%q: %q becomes %q, %v", s, name, again, ok)
		}
		if net.ParseIP(name) != nil || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			t.Errorf("%q passes as %q", s, name)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("version: STSv1\r\nmode: enforce\r\nmx: *.example.org\r\nmax_age: 604800\r\n")
	f.Add("mode:\x1b[31m\nmx: " + strings.Repeat("m", 9000))
	f.Fuzz(func(t *testing.T, text string) {
		p := parsePolicy(text)
		if len(p.MX) > maxNames {
			t.Errorf("%d patterns", len(p.MX))
		}
		for _, s := range append([]string{p.Mode}, p.MX...) {
			if s != CleanServerText(s) {
				t.Errorf("%q is not clean", s)
			}
		}
		if p.Problem == "" && (p.Mode == "" || p.MaxAge < 0) {
			t.Errorf("%+v is taken for good", p)
		}
		for _, mx := range p.MX {
			matchesMX(mx, "mx.example.org")
		}
	})
}
