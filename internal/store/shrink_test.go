package store_test

import (
	"testing"
	"time"
)

// TestShrink holds that a database goes on after its memory was given back.
func TestShrink(t *testing.T) {
	s := open(t, t.TempDir()+"/bot.db")
	now := time.Now()
	if err := s.Keep(t.Context(), "a", []byte("b"), now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Shrink(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Kept(t.Context(), "a", now); err != nil || string(got) != "b" {
		t.Errorf("%q, %v", got, err)
	}
}
