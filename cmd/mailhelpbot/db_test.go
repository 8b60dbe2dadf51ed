package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDBCommands(t *testing.T) {
	dir := t.TempDir()
	db, copied, backup := filepath.Join(dir, "bot.db"), filepath.Join(dir, "copy.db"), filepath.Join(dir, "backup.db")
	env := []string{"MAILHELPBOT_DB=" + db}
	if r := cli(t, "", env, "ask", "imap gmx"); r.status != exitOK {
		t.Fatal(r)
	}
	step := func(status int, says string, args ...string) {
		t.Helper()
		r := cli(t, "", env, append([]string{"db"}, args...)...)
		if r.status != status || !strings.Contains(r.out+r.err, says) {
			t.Errorf("db %v: status %d, want %d with %q\n%s%s", args, r.status, status, says, r.out, r.err)
		}
	}
	step(exitOK, "is whole", "check")
	step(exitOK, "compared", "copy", db, copied)
	step(exitUsage, "not empty", "copy", db, copied)
	step(exitUsage, "no such file", "copy", filepath.Join(dir, "missing.db"), filepath.Join(dir, "y.db"))
	step(exitOK, "backed up", "backup", backup)
	step(exitUsage, "exists", "backup", backup)
	b, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b)/2+20000; i++ {
		b[i] = 0xa5
	}
	if err := os.WriteFile(db, b, 0o600); err != nil {
		t.Fatal(err)
	}
	step(exitFailure, "db restore", "check")
	if _, err := os.Stat(db); err != nil {
		t.Error("a check has moved the damaged file away")
	}
	step(exitOK, "kept as", "restore", backup)
	step(exitOK, "is whole", "check")
	step(exitUsage, "copy FROM TO", "copy", db)
	step(exitUsage, "unknown", "shrink")
}

// TestPostgresSettings holds that a wrong address ends with status 2 and names
// the remedy, without the password.
func TestPostgresSettings(t *testing.T) {
	for _, address := range []string{"postgres://u:canary-password@host:port/x", "postgres://u:canary-password@127.0.0.1:1/x?sslmode=perhaps"} {
		r := cli(t, "", []string{"MAILHELPBOT_DB=" + address}, "ask", "imap gmx")
		if r.status != exitUsage || !strings.Contains(r.err, "MAILHELPBOT_DB") || strings.Contains(r.err, "canary") {
			t.Errorf("status %d\n%s", r.status, r.err)
		}
	}
	// A server that is not there is no reason not to answer.
	r := cli(t, "", []string{"MAILHELPBOT_DB=postgres://u:canary-password@127.0.0.1:1/x?sslmode=disable"}, "ask", "imap gmx")
	if r.status != exitOK || !strings.Contains(r.err, "from memory") || strings.Contains(r.err, "canary") {
		t.Errorf("status %d\n%s", r.status, r.err)
	}
}
