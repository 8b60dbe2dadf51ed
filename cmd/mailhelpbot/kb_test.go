package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

// TestKnowledgeRoundTrip exports providers, imports the export, and exports
// again: nothing that is modelled may be lost.
func TestKnowledgeRoundTrip(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "bot.db")
	for _, c := range []struct{ format, ext string }{{"yaml", ".yaml"}, {"autoconfig", ".xml"}} {
		first, again := filepath.Join(dir, c.format+"1"), filepath.Join(dir, c.format+"2")
		if r := cli(t, "", nil, "kb", "export", "--db", db, "--format", c.format, "--out", first, "gmx", "icloud"); r.status != exitOK {
			t.Fatalf("export: %s", r.err)
		}
		src := first
		if c.format == "autoconfig" {
			src = filepath.Join(first, "providers")
		}
		if r := cli(t, "", nil, "kb", "import", "--out", again, src); r.status != exitOK || !strings.Contains(r.out, "2 providers written") {
			t.Fatalf("import: %s%s", r.out, r.err)
		}
		for _, id := range []string{"gmx", "icloud"} {
			want := cli(t, "", nil, "kb", "export", "--db", db, "--format", "autoconfig", id)
			got := cli(t, "", nil, "kb", "export", "--db", filepath.Join(dir, c.format+".db"), "--knowledge", again, "--format", "autoconfig", id)
			if got.out != want.out || got.out == "" {
				t.Errorf("%s, %s: got\n%s\nwant\n%s%s", c.format, id, got.out, want.out, got.err)
			}
		}
	}
}

func TestKnowledgeCheckNamesLineAndRemedy(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "providers"), 0o755); err != nil {
		t.Fatal(err)
	}
	yaml := "id: acme\nname: Acme Mail\nkind: hosting\nservers:\n  - {protocol: imap, host: imap.acme.example, port: 99999, security: ssl, username: address}\n"
	if err := os.WriteFile(filepath.Join(dir, "providers", "acme.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	r := cli(t, "", nil, "kb", "check", dir)
	if r.status != exitFailure || !strings.Contains(r.out, "providers/acme.yaml:5") {
		t.Errorf("status %d:\n%s%s", r.status, r.out, r.err)
	}
}

// TestTaughtArticlesAreListedExportedAndRemoved does with an article that was
// taught in chat what an operator does with it, down to a folder of knowledge
// that has no fault.
func TestTaughtArticlesAreListedExportedAndRemoved(t *testing.T) {
	dir := t.TempDir()
	db := filepath.Join(dir, "bot.db")
	st, err := store.Open(t.Context(), db, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	a := &knowledge.Article{
		Topic: "taught-vpn-1a2b", Lang: "de", Title: "Mail nur im VPN", Intent: "faq", Checked: "2026-11-24", Author: "U0TOM",
		Utterances: []string{"Warum geht Mail nur im VPN?"}, Sources: []knowledge.Source{{Title: "Antwort eures Teams", Date: "2026-11-24"}},
		Body: "Schalte zuerst das **VPN** ein.\n",
	}
	doc := knowledge.NewDocument(knowledge.KindArticle, "taught-vpn-1a2b.de", knowledge.OriginTaught, "U0TOM", a)
	if err := errors.Join(st.Teach(t.Context(), []knowledge.Document{doc}), st.Close()); err != nil {
		t.Fatal(err)
	}
	if r := cli(t, "", nil, "kb", "list", "--db", db); !strings.Contains(r.out, "article\ttaught-vpn-1a2b.de\tMail nur im VPN") {
		t.Errorf("not listed: %s", r.err)
	}
	out := filepath.Join(dir, "out")
	if r := cli(t, "", nil, "kb", "export", "--db", db, "--out", out, "taught-vpn-1a2b"); r.status != exitOK {
		t.Fatalf("export: %s", r.err)
	}
	b, err := os.ReadFile(filepath.Join(out, "articles", "taught-vpn-1a2b.de.md"))
	if err != nil || !strings.Contains(string(b), "author: U0TOM") || !strings.HasSuffix(string(b), "Schalte zuerst das **VPN** ein.\n") {
		t.Errorf("exported %v:\n%s", err, b)
	}
	if r := cli(t, "", nil, "kb", "check", out); r.status != exitOK {
		t.Errorf("check: %s%s", r.out, r.err)
	}
	if r := cli(t, "", nil, "kb", "remove", "--db", db, "taught-vpn-1a2b"); r.status != exitOK {
		t.Errorf("remove: %s", r.err)
	}
	if r := cli(t, "", nil, "kb", "remove", "--db", db, "taught-vpn-1a2b"); r.status != exitUsage {
		t.Errorf("removed twice: %d %s", r.status, r.err)
	}
	if r := cli(t, "", nil, "kb", "list", "--db", db); strings.Contains(r.out, "taught-") {
		t.Error("still listed")
	}
}
