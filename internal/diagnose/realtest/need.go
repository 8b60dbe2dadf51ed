package realtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
)

// Need skips the test, or fails it under CI, when the servers cannot be run
// here. Without an argument it asks for Dovecot with Postfix.
func Need(t testing.TB, servers ...Server) {
	t.Helper()
	if len(servers) == 0 {
		servers = []Server{Dovecot}
	}
	var why error
	if os.Getuid() != 0 {
		why = errors.New("root is needed to bind the mail ports")
	}
	for _, s := range servers {
		why = errors.Join(why, missing(s))
	}
	if why == nil {
		return
	}
	if os.Getenv("MAILHELPBOT_CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// missing says what a server lacks to run here.
func missing(s Server) error {
	switch s {
	case Exim:
		_, err := user.Lookup(eximUser)
		return errors.Join(err, there(eximBinary))
	case Courier:
		return courierMissing()
	case Cyrus:
		return cyrusMissing()
	}
	_, noDovecot := exec.LookPath("dovecot")
	_, noPostfix := exec.LookPath("postfix")
	return errors.Join(noDovecot, noPostfix)
}

func there(bin string) error {
	_, err := os.Stat(unpacked(bin))
	return err
}

// unpacked is where a file of an unpacked package lies: below the folder that
// MAILHELPBOT_SERVERS names, else below the one that .ci/run fills.
func unpacked(path string) string {
	root := os.Getenv("MAILHELPBOT_SERVERS")
	if root == "" {
		cache := os.Getenv("XDG_CACHE_HOME")
		root = filepath.Join(orElse(cache, "/var/cache"), "mailhelpbot-ci", "servers")
	}
	return filepath.Join(root, path)
}
