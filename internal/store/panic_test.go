package store

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// A write that panics does so for its caller; the writer goes on, and nothing
// of that write is kept.
func TestPanicInAWrite(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "bot.db"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	func() {
		defer func() {
			if v := recover(); v != "a bug" {
				t.Errorf("the caller recovered %v, want its own panic", v)
			}
		}()
		err := s.inTx(t.Context(), func(tx *sql.Tx) error {
			if err := setMeta(t.Context(), tx, "cache:half", []byte("x")); err != nil {
				return err
			}
			panic("a bug")
		})
		t.Errorf("the write returned %v", err)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Cache(ctx, "after", []byte("y")); err != nil {
		t.Fatalf("no write is possible any more: %v", err)
	}
	if got, err := s.Cached(ctx, "half"); err != nil || len(got) > 0 {
		t.Errorf("half a write was kept: %q, %v", got, err)
	}
}
