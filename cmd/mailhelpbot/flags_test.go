package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Nothing that somebody may have typed or set as a password is repeated, and
// the exit status says that the use was wrong.
func TestNothingTypedIsRepeated(t *testing.T) {
	const canary = "canary71x"
	db := filepath.Join(t.TempDir(), "bot.db")
	for _, args := range [][]string{
		{"test", "--auth=" + canary, "gmx"},
		{"test", "-auth=" + canary},
		{"test", "--auth", canary, "gmx"},
		{"test", "--auth", "gmx", canary, "imap"},
		{"test", "--auth", "gmx", "smtp", canary},
		{"test", "-p" + canary, "gmx"},
		{"test", "--password=" + canary, "gmx"},
		{"test", "--password", canary, "gmx"},
		{"test", "--json=" + canary, "gmx"},
		{"test", "anna@gmx.de:" + canary},
		{"test", "imaps://anna:" + canary + "@imap.gmx.net"},
		{"test", "gmx", canary + "!"},
		{"--password=" + canary, "test", "gmx"},
		{"--auth=" + canary},
		{"ask", "--json=" + canary, "gmx"},
		{"doctor", "--quick=" + canary},
		{"version", "--" + canary},
		{"serve", "--token=" + canary},
		{"db", "check", "--db", "mysql://u:" + canary + "@h/x"},
	} {
		r := cli(t, "", []string{"MAILHELPBOT_DB=" + db, "MAILHELPBOT_RESOLVER=127.0.0.1:9"}, args...)
		if r.status != exitUsage || strings.Contains(r.out+r.err, canary) || !strings.HasPrefix(r.err, "mailhelpbot ") {
			t.Errorf("%q: exit status %d\n%s%s", args, r.status, r.out, r.err)
		}
	}
}

// A value that came into the wrong variable is not repeated either.
func TestNoSettingIsRepeated(t *testing.T) {
	const canary = "canary71x"
	refused := 0
	for _, st := range settingTable() {
		for _, value := range []string{canary, "http://u:" + canary + "@h", "10.0.0.0/8," + canary, "xoxb-" + canary, "https://h/?" + canary} {
			r := cli(t, "", []string{st.name + "=" + value}, "version")
			if r.status == exitUsage {
				refused++
			}
			if strings.Contains(r.out+r.err, canary) {
				t.Errorf("%s=%s is repeated:\n%s%s", st.name, value, r.out, r.err)
			}
		}
	}
	if refused < 30 {
		t.Errorf("%d values were refused, want most of them", refused)
	}
}

// However broken a database's address is, its password stays out of errors.
func TestDatabasePasswordIsNotRepeated(t *testing.T) {
	const canary = "canary71x"
	for _, address := range []string{
		"postgres://u:%@127.0.0.1:1/x", "postgres://u:a#%@127.0.0.1:1/x", "postgres://u:1/%@127.0.0.1:1/x", "postgres://u:a/%@127.0.0.1:1/x",
		"postgres://u:%?x@127.0.0.1:1/x", "postgres://u:%%zz@127.0.0.1:1/x", "postgres://u:a@%@127.0.0.1:1/x", "postgres://u:%", "postgres://u:%@h:port/x",
		"postgres://127.0.0.1:port/x?password=%", "postgres://u@127.0.0.1:1/x?password=%&sslmode=perhaps",
		"POSTGRES://u:%@127.0.0.1:1/x", "postgres:/u:%@127.0.0.1/x", "mysql://u:%@127.0.0.1/x", "host=127.0.0.1 user=u password=%",
	} {
		address = strings.Replace(address, "%", canary, 1)
		for _, args := range [][]string{{"ask", "imap gmx"}, {"doctor", "--quick"}, {"db", "check"}, {"db", "copy", address, "to.db"}} {
			r := cli(t, "", []string{"MAILHELPBOT_DB=" + address}, args...)
			if strings.Contains(r.out+r.err, canary) {
				t.Errorf("%s %v:\n%s%s", address, args, r.out, r.err)
			}
			if args[0] == "db" && r.status == exitOK {
				t.Errorf("%s %v is taken", address, args)
			}
		}
	}
}

// A line of a mail server begins with a hyphen and is no option.
func TestTextThatBeginsWithAHyphen(t *testing.T) {
	db := filepath.Join(t.TempDir(), "bot.db")
	r := cli(t, "", nil, "ask", "--json", "-ERR [AUTH] Unsupported authentication mechanism.", "--db", db)
	if r.status != exitOK || !strings.Contains(r.out, `"cause": "auth-mechanism"`) && !strings.Contains(r.out, `"cause":"auth-mechanism"`) {
		t.Errorf("exit status %d\n%s%s", r.status, r.out, r.err)
	}
}
