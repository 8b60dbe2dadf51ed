package diagnose_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/mailconf"
)

func sampleSight() diagnose.Sight {
	return diagnose.Sight{
		At: time.Date(2026, 11, 28, 18, 42, 0, 0, time.UTC),
		Endpoints: []diagnose.Seen{
			{Endpoint: mailconf.Endpoint{Protocol: imap, Host: "imap.example.org", Port: 993, Security: mailconf.TLS}, Verdict: diagnose.VerdictOK, Login: "accepted", Issuer: "CN=R11,O=Let's Encrypt,C=US"},
			{Endpoint: mailconf.Endpoint{Protocol: pop3, Host: "pop.example.org", Port: 995, Security: mailconf.TLS}, Verdict: diagnose.VerdictWarn, Cause: diagnose.CauseCertExpiring, Issuer: "CN=R11,O=Let's Encrypt,C=US"},
			{Endpoint: mailconf.Endpoint{Protocol: smtp, Host: "mail.example.org", Port: 465, Security: mailconf.TLS}, Verdict: diagnose.VerdictFail, Cause: diagnose.CauseTimeout},
			{Endpoint: mailconf.Endpoint{Protocol: smtp, Host: "mail.example.org", Port: 587, Security: starttls}, Verdict: diagnose.VerdictFail, Cause: diagnose.CauseSMTPAuthFailed, Login: "refused"},
			{Endpoint: mailconf.Endpoint{Protocol: imap, Host: "imap.example.org", Port: 143, Security: starttls}, Verdict: diagnose.VerdictOK},
		},
	}
}

func TestReportCodeSurvivesChats(t *testing.T) {
	want := sampleSight()
	code := want.Code()
	t.Log(len(code), code)
	half := len(code) / 2
	for name, text := range map[string]string{
		"alone":                   code,
		"in a sentence":           "Hier mein Code: " + code + " danke!",
		"lower case":              strings.ToLower(code),
		"wrapped":                 code[:half] + "\r\n  " + code[half:] + "\nViele Grüße",
		"hyphenated":              code[:half] + "-" + code[half:],
		"as code":                 "`" + code + "`",
		"with letters for digits": strings.NewReplacer("0", "O", "1", "l").Replace(code[4:]),
	} {
		if !strings.Contains(strings.ToUpper(text), "MH1-") {
			text = "MH1-" + text
		}
		got, found, err := diagnose.ReadCode(text)
		if !found || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: found %v, %v, %+v", name, found, err, got)
		}
	}
	if len(code) > 220 {
		t.Errorf("%d characters are not short", len(code))
	}
}

// One wrong character anywhere is noticed, and so is a missing end.
func TestDamagedReportCode(t *testing.T) {
	code := sampleSight().Code()
	for i := len("MH1-"); i < len(code); i++ {
		other := byte('7')
		if code[i] == other {
			other = '8'
		}
		for _, text := range []string{code[:i] + string(other) + code[i+1:], code[:i]} {
			if _, found, err := diagnose.ReadCode(text); !found || !errors.Is(err, diagnose.ErrCode) {
				t.Fatalf("%s: found %v, %v", text, found, err)
			}
		}
	}
	if _, found, err := diagnose.ReadCode("MH1 ist kein Code, mh1 auch nicht"); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

// A report code shows nothing of who made it.
func TestReportCodeTellsNoPerson(t *testing.T) {
	f := newFleet(t, nil)
	f.target.Login = wrongPassword()
	rep := last(t, f.prober, f.target)
	for i := range rep.Endpoints {
		rep.Endpoints[i].Port = 993 // where no mail server listens, a code may not say so
	}
	s, _, err := diagnose.ReadCode(rep.Sight(time.Now()).Code())
	if err != nil || len(s.Endpoints) != 5 || s.Endpoints[0].Cause != diagnose.CauseWrongCredentials || s.Endpoints[0].Login != "refused" {
		t.Fatalf("%+v, %v", s, err)
	}
	for _, e := range s.Endpoints {
		if strings.Contains(e.Host+e.Issuer, "anna") {
			t.Errorf("%+v", e)
		}
	}
}

func TestCausesHaveHashesOfTheirOwn(t *testing.T) {
	for _, c := range diagnose.Causes() {
		s := diagnose.Sight{Endpoints: []diagnose.Seen{{Endpoint: sampleSight().Endpoints[0].Endpoint, Verdict: diagnose.VerdictFail, Cause: c}}}
		got, _, err := diagnose.ReadCode(s.Code())
		if err != nil || got.Endpoints[0].Cause != c {
			t.Errorf("%s came back as %+v, %v", c, got, err)
		}
	}
}

func FuzzReadCode(f *testing.F) {
	f.Add(sampleSight().Code())
	f.Add("MH1-")
	f.Add("MH1-ZZZZ")
	f.Fuzz(func(t *testing.T, text string) {
		s, found, err := diagnose.ReadCode(text)
		if !found || err != nil {
			return
		}
		again, _, err := diagnose.ReadCode(s.Code())
		if s.Code() != "" && (err != nil || !reflect.DeepEqual(again.Endpoints, s.Endpoints)) {
			t.Errorf("%+v came back as %+v, %v", s, again, err)
		}
	})
}
