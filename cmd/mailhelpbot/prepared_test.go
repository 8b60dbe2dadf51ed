package main

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// prepared is a bot.db that holds the knowledge and the trained model, made
// once for all tests that are not about the first start.
var prepared = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mailhelpbot-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	db := filepath.Join(dir, "bot.db")
	var t testing.T
	if r := cli(&t, "", nil, "ask", "--db", db, "which port for imap?"); r.status != exitOK {
		return nil, errors.New(r.err)
	}
	return os.ReadFile(db)
})

// preparedDB puts a copy of prepared into dir and returns its path.
func preparedDB(t *testing.T, dir string) string {
	t.Helper()
	db := filepath.Join(dir, "bot.db")
	b, err := prepared()
	if err == nil {
		err = os.WriteFile(db, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}
