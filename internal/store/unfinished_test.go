package store_test

import (
	"fmt"
	"testing"
)

func unfinished(t *testing.T, address string) {
	s := open(t, address)
	_, in := joined(t, s)
	if n, age, err := s.Unfinished(t.Context()); n != 0 || age != 0 || err != nil {
		t.Errorf("empty: %d, %v, %v", n, age, err)
	}
	j := accept(t, in, event("C/1"), false)
	accept(t, in, event("C/2"), true)
	exec(t, address, fmt.Sprint("UPDATE inbox SET received = received - 90000 WHERE id = ", j.ID))
	if n, age, err := s.Unfinished(t.Context()); n != 2 || age.Seconds() < 90 || err != nil {
		t.Errorf("two events, one 90 s old: %d, %v, %v", n, age, err)
	}
	if err := in.Done(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if n, age, err := s.Unfinished(t.Context()); n != 1 || age.Seconds() > 80 || err != nil {
		t.Errorf("one left: %d, %v, %v", n, age, err)
	}
}
