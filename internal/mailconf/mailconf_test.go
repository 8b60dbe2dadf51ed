package mailconf

import "testing"

// TestPortsAgree holds that the registered ports mean what they are the default of.
func TestPortsAgree(t *testing.T) {
	for _, p := range []Protocol{IMAP, POP3, SMTP} {
		for _, s := range []Security{TLS, STARTTLS} {
			port := DefaultPort(p, s)
			if gp, gs, ok := PortMeaning(port); !ok || gp != p || gs != s {
				t.Errorf("%s %s is on %d, which means %s %s", p, s, port, gp, gs)
			}
		}
	}
	for _, port := range []uint16{0, 22, 80, 443, 8080, 65535} {
		if _, _, ok := PortMeaning(port); ok {
			t.Errorf("%d is taken for a mail port", port)
		}
	}
}

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]Address{
		"anna@GMX.de":          {"anna", "gmx.de"},
		" anna+x@example.org.": {"anna+x", "example.org"},
		`"a@b"@example.org`:    {`"a@b"`, "example.org"},
		"jörg@example.org":     {"jörg", "example.org"},
	} {
		if got, ok := ParseAddress(in); !ok || got != want {
			t.Errorf("%q: %+v, %v; want %+v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "@", "anna", "anna@", "@gmx.de", "an na@gmx.de", "anna@gmx.de\nx"} {
		if got, ok := ParseAddress(in); ok {
			t.Errorf("%q was read as %+v", in, got)
		}
	}
}

func TestUsernameAndExpand(t *testing.T) {
	a := Address{"anna", "example.org"}
	for form, want := range map[UserForm]string{
		UserAddress: "anna@example.org", UserLocalPart: "anna", UserDomainUser: "anna.example.org",
		"{localpart}%{domain}": "anna%example.org", "other:customer number": "", "": "",
	} {
		if got := form.Username(a); got != want {
			t.Errorf("%q: %q, want %q", form, got, want)
		}
	}
	if got := Expand("imap.{domain}", Address{}); got != "imap.{domain}" {
		t.Errorf("a placeholder without a value became %q", got)
	}
}
