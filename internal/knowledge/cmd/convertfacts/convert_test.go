package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

const table = `{"id":"a","name":"%EMAILDOMAIN%","kind":"mailbox","domains":["a.example"],"mx":[".*\\.a\\.example","mx1.a.example"],"servers":[{"protocol":"pop3","host":"pop.a.example","port":110,"security":"none","username":"address","sources":["x"],"trust":"low"}],"doc_urls":["http://a.example/","https://a.example/"],"sources":["x"]}
{"id":"b","name":"Same","kind":"hosting","domains":["b.example"],"servers":[{"protocol":"smtp","host":"smtp.b.example","port":587,"security":"tls","username":"address","sources":["x"],"trust":"high"}],"outdated_servers":[{"protocol":"smtp","host":"smtp.b.example","port":25,"security":"starttls","username":"address","sources":["x"],"trust":"low"}],"sources":["x"]}
{"id":"c","name":"Same","kind":"relay","servers":[{"protocol":"smtp","host":"smtp.c.example","port":465,"security":"tls","username":"address","sources":["x"],"trust":"high"}],"sources":["x"]}
`

func TestRun(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "providers")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "table.jsonl")
	if err := os.WriteFile(file, []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
	if written, kept, err := run(file, dir); written != 3 || kept != 0 || err != nil {
		t.Fatalf("first run: %d written, %d kept, %v", written, kept, err)
	}
	if written, kept, err := run(file, dir); written != 0 || kept != 3 || err != nil {
		t.Fatalf("second run: %d written, %d kept, %v", written, kept, err)
	}
	facts, problems := knowledge.Load(os.DirFS(root), knowledge.OriginShipped)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	book := knowledge.NewBook(facts)
	a, b, c := book.Provider("a"), book.Provider("b"), book.Provider("c")
	if a.Name != "a.example" || !slices.Equal(a.MX, []string{"a.example"}) || !slices.Equal(a.Docs, []string{"https://a.example/"}) || len(a.Notes) != 2 {
		t.Errorf("a: %+v", a)
	}
	if b.Name != "Same (b.example)" || b.Servers[0].Note["de"] == "" || !strings.Contains(b.Outdated[0].Note["en"], "Port 25") {
		t.Errorf("b: %+v", b)
	}
	if c.Name != "Same (c)" || len(c.Notes) != 1 {
		t.Errorf("c: %+v", c)
	}
}

func TestSuffixesOf(t *testing.T) {
	for in, want := range map[string]string{
		`mx.example.org`:              "mx.example.org",
		`.*\.example\.org`:            "example.org",
		`(.*\.)?example\.org`:         "example.org",
		`.*example\.org`:              "example.org",
		`mx[0-9a-z]+\.example\.net`:   "example.net",
		`.*\.(one\.example|two\.org)`: "one.example two.org",
		`.*\.(one|two)\.com`:          "one.com two.com",
		`mx\d+\.example\.net`:         `mx\d+\.example\.net`,
		`.*-example\.edge\.services`:  `.*-example\.edge\.services`,
		`mx-a\.[a-z]+\.example\.org`:  `mx-a\.[a-z]+\.example\.org`,
	} {
		if got := strings.Join(suffixesOf(in), " "); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
