package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// result is what a run of the program gave.
type cliResult struct {
	status   int
	out, err string
}

func cli(t *testing.T, stdin string, env []string, args ...string) cliResult {
	t.Helper()
	var out, errs bytes.Buffer
	st := run(context.Background(), args, append([]string{"LANG=en_US.UTF-8"}, env...), stdio{strings.NewReader(stdin), &out, &errs})
	return cliResult{st, out.String(), errs.String()}
}

func TestExitStatusAndMessages(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "bot.db")
	notes := filepath.Join(dir, "notes.db")
	if err := os.WriteFile(notes, []byte("these are my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		env    []string
		args   []string
		status int
		out    string // regular expressions
		err    string
	}{
		{name: "version", args: []string{"version"}, out: `^mailhelpbot `},
		{name: "help", args: []string{"--help"}, out: `(?s)ask.*test.*Exit status`},
		{name: "unknown command", args: []string{"frobnicate"}, status: 2, err: `unknown command "frobnicate".*help`},
		{name: "unknown flag", args: []string{"ask", "--frob", "x"}, status: 2, err: `none of --db, --explain`},
		{name: "ask without text", args: []string{"ask"}, status: 2, err: `there is no TEXT`},
		{name: "ask with a wrong language", args: []string{"ask", "--lang", "fr", "x"}, status: 2, err: `de or en`},
		{name: "flags behind the text", args: []string{"ask", "/settings gmx", "--json", "--db", db}, out: `"host":"imap.gmx.net"`},
		{name: "off topic is silence", args: []string{"ask", "--db", db, "wer bringt morgen kuchen mit?"}, status: 3, out: `^$`},
		{name: "empty message", args: []string{"ask", "--db", db, ""}, status: 3, out: `^$`},
		{name: "control characters", args: []string{"ask", "--db", db, "\x00\x1b[31m\u202e"}, status: 3, out: `^$`},
		{name: "huge message", args: []string{"ask", "--db", db, strings.Repeat("wort ", 20000)}, status: 3, out: `^$`},
		{name: "test without target", args: []string{"test"}, status: 2, err: `there is no TARGET`},
		{name: "test of an unknown name", args: []string{"test", "--db", db, "nobodyknowsthis"}, status: 2, err: `do not know`},
		{name: "test of a port that is no mail port", args: []string{"test", "--db", db, "imap.gmx.net:8080"}, status: 2, err: `8080 is no mail port`},
		{name: "file that is no database", args: []string{"ask", "--db", notes, "/settings gmx"}, status: 2, err: `not a mailhelpbot database.*--db`},
		{name: "database that cannot be made", args: []string{"ask", "--db", filepath.Join(dir, "no", "such", "bot.db"), "/settings gmx"}, out: `imap\.gmx\.net`, err: `from memory`},
		{name: "broken setting", env: []string{"MAILHELPBOT_PROBE_ALLOW=10.0.0.0/99"}, args: []string{"version"}, status: 2, err: `MAILHELPBOT_PROBE_ALLOW.*network`},
		{name: "watching too often", env: []string{"MAILHELPBOT_WATCH=1m"}, args: []string{"version"}, status: 2, err: `MAILHELPBOT_WATCH: 1m is too often`},
		{name: "watching at no time", env: []string{"MAILHELPBOT_WATCH=often"}, args: []string{"version"}, status: 2, err: `MAILHELPBOT_WATCH: it is no time such as 30m`},
		{name: "wrong kind of token", env: []string{"SLACK_BOT_TOKEN=hunter2"}, args: []string{"version"}, status: 2, err: `SLACK_BOT_TOKEN.*xoxb-`},
		{name: "secret file missing", env: []string{"DISCORD_TOKEN_FILE=" + filepath.Join(dir, "none")}, args: []string{"version"}, status: 2, err: `DISCORD_TOKEN_FILE`},
		{name: "kb show", args: []string{"kb", "--db", db, "show", "gmx"}, status: 2},
		{name: "kb show a record", args: []string{"kb", "show", "--db", db, "gmx"}, out: `(?s)id: gmx.*imap\.gmx\.net`},
		{name: "person without an id", args: []string{"person", "export"}, status: 2, err: `want: person export`},
		{name: "nothing about a person", args: []string{"person", "export", "--db", db, "slack", "T1", "U1"}, out: `^\[\]\n$`},
		{name: "forget a person", args: []string{"person", "forget", "--db", db, "slack", "T1", "U1"}, out: `^0 entries`},
		{name: "kb check without folder", args: []string{"kb", "check"}, status: 2, err: `one folder`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := cli(t, "", c.env, c.args...)
			if r.status != c.status {
				t.Errorf("status %d, want %d", r.status, c.status)
			}
			if !regexp.MustCompile(c.out).MatchString(r.out) {
				t.Errorf("standard output, want %s:\n%s", c.out, r.out)
			}
			if !regexp.MustCompile(c.err).MatchString(r.err) || c.err == "" && r.err != "" && c.status == 0 {
				t.Errorf("standard error, want %q:\n%s", c.err, r.err)
			}
			if strings.Contains(r.err, "hunter2") {
				t.Error("a secret was printed")
			}
		})
	}
}

// TestAskJSONFields holds the contract of the field names, with null for what is absent.
func TestAskJSONFields(t *testing.T) {
	r := cli(t, "", nil, "ask", "--json", "--db", filepath.Join(t.TempDir(), "bot.db"), "/settings web.de")
	var got map[string]any
	if err := json.Unmarshal([]byte(r.out), &got); err != nil {
		t.Fatalf("%v\n%s", err, r.out)
	}
	for _, f := range []string{"intent", "lang", "confidence", "reply", "clarify", "provider", "protocol", "client", "error_code", "faq", "cause", "text", "settings", "sources"} {
		if _, ok := got[f]; !ok {
			t.Errorf("field %q is missing", f)
		}
	}
	if got["provider"] != "web-de" || got["intent"] != "settings" || got["client"] != nil {
		t.Errorf("provider %v, intent %v, client %v", got["provider"], got["intent"], got["client"])
	}
	rows, _ := got["settings"].([]any)
	if len(rows) == 0 {
		t.Fatal("no settings")
	}
	for _, f := range []string{"protocol", "host", "port", "security", "username", "auth", "source", "trust"} {
		if _, ok := rows[0].(map[string]any)[f]; !ok {
			t.Errorf("settings field %q is missing", f)
		}
	}
}

func TestAskLines(t *testing.T) {
	r := cli(t, "/settings gmx\nguten morgen\n/settings web.de\n", nil, "ask", "--db", filepath.Join(t.TempDir(), "bot.db"), "-")
	lines := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "imap.gmx.net") || lines[1] != "" || !strings.Contains(lines[2], "imap.web.de") {
		t.Errorf("one line per message, got %d:\n%s", len(lines), r.out)
	}
}
