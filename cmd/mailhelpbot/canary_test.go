package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/slack/fakeslack"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
)

// The canaries: a password, and a word of a message.
const (
	canaryPassword = "Kanarien-vogel+77&"
	canaryWord     = "kanarienwortlaut"
)

// spellings are the forms in which a secret could leak.
func spellings(s string) []string {
	b := []byte(s)
	quoted, _ := json.Marshal(s)
	out := []string{
		s, hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)), strings.Trim(string(quoted), `"`), html.EscapeString(s), template.HTMLEscapeString(s),
		url.QueryEscape(s), url.PathEscape(s), strings.NewReplacer("+", "%2B", "&", "%26", "-", "%2D").Replace(s),
		strings.NewReplacer("+", "=2B", "&", "=26").Replace(s), strings.NewReplacer("+", "=2B", "&", "=26", "-", "=2D").Replace(s),
	}
	for pad := range 3 { // base64 of the secret behind 0, 1 or 2 other bytes
		e := base64.StdEncoding.EncodeToString(append(make([]byte, pad), b...))
		out = append(out, e[4:len(e)-4])
	}
	return out
}

// leaks names the sinks that hold a canary in any spelling.
func leaks(canary string, sinks map[string]string) (found []string) {
	for name, content := range sinks {
		for _, s := range spellings(canary) {
			if strings.Contains(content, s) {
				found = append(found, name+" holds "+s)
			}
		}
	}
	return found
}

// files adds every file below dir to sinks: the database, its write-ahead log, whatever else was written.
func files(t *testing.T, dir string, sinks map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		sinks[filepath.Base(path)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCanaryInChat types a password and a message into the terminal and into
// Slack, and searches the log, the files and what was sent.
func TestCanaryInChat(t *testing.T) {
	said := "mein passwort ist " + canaryPassword + " und " + canaryWord
	dir := t.TempDir()
	r := cli(t, said+"\n/settings "+canaryWord+"\nwarum "+canaryWord+" will smtp eine anmeldung?\n", nil, "chat", "--db", filepath.Join(dir, "bot.db"))
	sinks := map[string]string{"standard error": r.err}
	files(t, dir, sinks)
	for _, canary := range []string{canaryPassword, canaryWord} {
		for _, l := range leaks(canary, sinks) {
			t.Error("terminal:", l)
		}
	}
	for _, l := range leaks(canaryPassword, map[string]string{"the answer": r.out}) {
		t.Error("terminal:", l)
	}

	s, err := fakeslack.Start(fakeslack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.AddUser(fakeslack.User{ID: "U1", Name: "anna", Locale: "de-DE"})
	s.AddChannel(fakeslack.Channel{ID: "C1", Name: "support", Members: []string{"U1", fakeslack.BotUserID}})
	slackDir := t.TempDir()
	log := serveIn(t, slackDir, "SLACK_API_URL="+s.APIURL(), "SLACK_BOT_TOKEN="+s.BotToken(), "SLACK_APP_TOKEN="+s.AppToken())
	ctx := within(t)
	if err := s.Await(ctx, func() bool { return s.Sockets() > 0 }); err != nil {
		t.Fatal(err)
	}
	s.Say("U1", "C1", "", fakeslack.Mention()+" "+said)
	if err := s.Await(ctx, func() bool {
		return strings.Contains(s.Transcript(), "ändere das Passwort") || len(s.Messages("C1")) > 1
	}); err != nil {
		t.Fatalf("%v\n%s", err, s.Transcript())
	}
	sinks = map[string]string{"log": log.String()}
	files(t, slackDir, sinks)
	for _, canary := range []string{canaryPassword, canaryWord} {
		for _, l := range leaks(canary, sinks) {
			t.Error("Slack:", l)
		}
	}
	for _, m := range s.Messages("C1") {
		if m.User == fakeslack.BotUserID {
			for _, l := range leaks(canaryPassword, map[string]string{"a message of the bot": m.Text + string(m.Blocks)}) {
				t.Error("Slack:", l)
			}
		}
	}
}

// TestCanaryInLogin logs in with a wrong password that is a canary: real
// servers, every format of the output.
func TestCanaryInLogin(t *testing.T) {
	realtest.Need(t)
	pki := realtest.NewPKI(t)
	host := realtest.Start(t, pki, realtest.Config{Cert: realtest.Cert{Names: []string{"mail.lab.example"}}})
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(canaryPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"MAILHELPBOT_PROBE_ALLOW=127.0.0.0/8", "MAILHELPBOT_PROBE_ROOTS=" + pki.RootFile,
		"MAILHELPBOT_RESOLVER=" + realtest.DNS(t, "mail.lab.example. 60 IN A "+host.Addr),
		"MAILHELPBOT_TEST_USER=" + realtest.User, "MAILHELPBOT_TEST_PASSWORD_FILE=" + password,
	}
	for _, format := range []string{"--json", "--lang=de"} {
		dir := t.TempDir()
		r := cli(t, "", env, "test", "--auth", format, "--db", filepath.Join(dir, "bot.db"), "mail.lab.example")
		if r.status != exitFailure {
			t.Errorf("%s: status %d\n%s%s", format, r.status, r.out, r.err)
		}
		sinks := map[string]string{"standard output": r.out, "standard error": r.err}
		files(t, dir, sinks)
		for _, l := range leaks(canaryPassword, sinks) {
			t.Errorf("%s: %s", format, l)
		}
	}
}

// TestLeaksAreFound holds that the search itself works.
func TestLeaksAreFound(t *testing.T) {
	sasl := base64.StdEncoding.EncodeToString([]byte("\x00anna@example.org\x00" + canaryPassword))
	for name, sink := range map[string]string{"raw": "x" + canaryPassword, "AUTH PLAIN": sasl, "hex": hex.EncodeToString([]byte("ab" + canaryPassword)), "form": "p=" + url.QueryEscape(canaryPassword)} {
		if len(leaks(canaryPassword, map[string]string{name: sink})) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}
