package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkFirstAnswer is a whole run of the program inside this process, from
// opening bot.db to the answer: with a database to be made, with an existing
// one, and with a question that needs the trained model.
func BenchmarkFirstAnswer(b *testing.B) {
	ask := func(b *testing.B, db, text string) {
		var out, errs bytes.Buffer
		if st := run(context.Background(), []string{"ask", "--db", db, text}, []string{"LANG=en"}, stdio{strings.NewReader(""), &out, &errs}); st != exitOK {
			b.Fatalf("status %d: %s", st, &errs)
		}
	}
	b.Run("new", func(b *testing.B) {
		dir := b.TempDir()
		for i := 0; b.Loop(); i++ {
			ask(b, filepath.Join(dir, string(rune('a'+i%26))+strings.Repeat("x", i/26)+".db"), "/settings gmx")
		}
	})
	for name, text := range map[string]string{"existing": "/settings gmx", "question": "which port for imap?"} {
		b.Run(name, func(b *testing.B) {
			db := filepath.Join(b.TempDir(), "bot.db")
			ask(b, db, text)
			for b.Loop() {
				ask(b, db, text)
			}
		})
	}
}
