package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
