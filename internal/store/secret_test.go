package store_test

import (
	"bytes"
	"testing"
)

func secretStays(t *testing.T, address string) {
	a, b := open(t, address), open(t, address)
	first, err := a.Secret(t.Context(), "pseudonyms", []byte("fresh of a"))
	if err != nil || string(first) != "fresh of a" {
		t.Fatalf("%q, %v", first, err)
	}
	again, err := b.Secret(t.Context(), "pseudonyms", []byte("fresh of b"))
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("another process has %q, %v", again, err)
	}
	other, err := a.Secret(t.Context(), "another", []byte("x"))
	if err != nil || bytes.Equal(first, other) {
		t.Errorf("another secret is %q, %v", other, err)
	}
	if err := a.SaveKnowledge(t.Context(), "new hash", nil); err != nil {
		t.Fatal(err)
	}
	if kept, err := a.Secret(t.Context(), "pseudonyms", []byte("y")); err != nil || !bytes.Equal(first, kept) {
		t.Errorf("after a change of the knowledge: %q, %v", kept, err)
	}
}
