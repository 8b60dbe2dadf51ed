package diagnose

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestLoginGuard(t *testing.T) {
	var g loginGuard
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	try := func(account string, refused bool) bool {
		key := loginKey(Target{Provider: "gmx", Login: &Login{Account: account, Username: "x"}})
		ok := g.begin(key, now)
		if ok {
			g.end(key, refused, now)
		}
		return ok
	}
	for i, want := range []bool{true, true, true, false} {
		if try("anna@gmx.de", false) != want {
			t.Errorf("login %d within an hour: allowed is %v", i+1, !want)
		}
	}
	if try("ANNA@gmx.de", false) {
		t.Error("the same account in capitals was let in a fourth time")
	}
	if !try("berta@gmx.de", true) {
		t.Error("another account was held back")
	}
	now = now.Add(holdBack - time.Second)
	if try("berta@gmx.de", false) {
		t.Error("tried again within a quarter of an hour of a refusal")
	}
	now = now.Add(time.Second)
	if !try("berta@gmx.de", false) {
		t.Error("held back for more than a quarter of an hour")
	}
	now = now.Add(loginsWithin)
	if !try("anna@gmx.de", false) {
		t.Error("held back for more than an hour")
	}
	if len(g.accounts) > 1 {
		t.Errorf("%d accounts are remembered, of one it would be enough", len(g.accounts))
	}
}

// TestRedactorFindsEveryForm puts the secret into what a server could say.
func TestRedactorFindsEveryForm(t *testing.T) {
	for _, secret := range []string{"hunter2x", `qu"ot\\e+7&`, "päß wörd%", "abcd", "0123456789abcdef"} {
		r := newRedactor(&Login{Username: "anna", Password: NewSecret([]byte(secret))})
		b := []byte(secret)
		forms := []string{secret, strings.ToUpper(secret), string(quoted(b)), hex.EncodeToString(b), full(secret, "%"), full(secret, "="), url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), asJSON(secret)}
		for pad := range 3 {
			for tail := range 3 {
				forms = append(forms, base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", pad)+secret+strings.Repeat("x", tail))))
			}
		}
		for i, f := range forms {
			if i == 1 && len(secret) != len([]rune(secret)) { // only ASCII has another case here
				continue
			}
			got := r.text("535 no: " + f + " is wrong")
			if !strings.Contains(got, redacted) || !strings.HasPrefix(got, "535 no: ") || !strings.HasSuffix(got, " is wrong") {
				t.Errorf("%q as %q became %q", secret, f, got)
			}
		}
		if got := r.text("535 5.7.8 authentication failed"); got != "535 5.7.8 authentication failed" {
			t.Errorf("changed what holds no secret: %q", got)
		}
		r.wipe()
		for _, f := range append(r.coded, r.secret) {
			if len(bytes.Trim(f, "\x00")) > 0 {
				t.Error("a form was not wiped")
			}
		}
	}
}

// asJSON is s inside a JSON string.
func asJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b[1 : len(b)-1])
}

// full escapes every byte of s that is no letter or digit.
func full(s, mark string) string {
	var out strings.Builder
	for _, c := range []byte(s) {
		if strings.IndexByte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%s%02X", mark, c)
		}
	}
	return out.String()
}
