//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	linux "golang.org/x/sys/unix"
)

// TestIdleMemory holds what a service that has started, and has nothing to do,
// takes of memory: 30 MB of its own, 40 MB with the pages of its binary.
func TestIdleMemory(t *testing.T) {
	slack := newLean(0)
	defer slack.Close()
	f := newFleet(t, 1)
	db := filepath.Join(t.TempDir(), "bot.db")
	f.env = []string{
		"SLACK_BOT_TOKEN=xoxb-idle", "SLACK_SIGNING_SECRET=fake-signing-secret", "SLACK_API_URL=" + slack.URL + "/api/",
		"MAILHELPBOT_DB=" + db, "MAILHELPBOT_HTTP=127.0.0.1:0",
	}
	// The very first start reads the files and trains the model.
	if out, err := exec.Command(f.bin, "ask", "--db", db, "which port for imap?").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	onDisk := written(t, f.bin)
	f.start(0)
	var m memory
	await(t, "memory given back", func() bool {
		m = resident(f.procs[0].Process.Pid)
		return m.peak > m.now+5 && m.own < 30 && (m.now < 40 || !onDisk)
	})
	t.Logf("%.1f MB resident, %.1f of its own, %.1f at most", m.now, m.own, m.peak)
	if err := f.end(0, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

// written puts a new file on the disk, and says whether there is one: what lies
// in memory alone cannot be given back.
func written(t *testing.T, file string) bool {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var fs linux.Statfs_t
	if err := linux.Fstatfs(int(f.Fd()), &fs); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	return fs.Type != linux.TMPFS_MAGIC
}
