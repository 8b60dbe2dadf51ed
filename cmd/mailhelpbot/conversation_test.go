package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/diagnose/realtest"
)

// TestConversations plays every testdata/conversations/*.txt through the real
// program. A conversation is written as a support agent would note it down:
//
//	# remarks
//	> what the person types
//	< something that the answer must hold (white space does not matter)
//	! something that it must not hold
//	= silence
//
// The file's name ends in the language of the terminal: .de.txt, .en.txt, or
// .txt for none.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/conversations/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	resolver := realtest.DNS(t) // nothing outside exists
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			turns := readConversation(t, file)
			env := []string{"LANG=" + strings.TrimPrefix(filepath.Ext(t.Name()), "."), "MAILHELPBOT_RESOLVER=" + resolver}
			answers := converse(t, preparedDB(t, t.TempDir()), env, turns)
			for i, turn := range turns {
				turn.check(t, answers[i])
			}
		})
	}
}

type turn struct {
	line          int
	said          string
	want, wantNot []string
	silence       bool
}

func readConversation(t *testing.T, file string) []turn {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var turns []turn
	for i, l := range strings.Split(string(b), "\n") {
		mark, rest, _ := strings.Cut(l, " ")
		if mark == ">" {
			turns = append(turns, turn{line: i + 1, said: rest})
			continue
		}
		if mark == "" || mark == "#" || mark == "+" {
			continue
		}
		if len(turns) == 0 {
			t.Fatalf("%s:%d: nobody has said anything yet", file, i+1)
		}
		last := &turns[len(turns)-1]
		switch mark {
		case "<":
			last.want = append(last.want, rest)
		case "!":
			last.wantNot = append(last.wantNot, rest)
		case "=":
			last.silence = true
		default:
			t.Fatalf("%s:%d: a line begins with >, <, !, = or #", file, i+1)
		}
	}
	return turns
}

func (u turn) check(t *testing.T, answer string) {
	t.Helper()
	flat := strings.Join(strings.Fields(answer), " ")
	if u.silence && flat != "" {
		t.Errorf("line %d: > %s\nwant silence, got:\n%s", u.line, u.said, answer)
	}
	for _, w := range u.want {
		if !strings.Contains(flat, strings.Join(strings.Fields(w), " ")) {
			t.Errorf("line %d: > %s\nwant %q in:\n%s", u.line, u.said, w, answer)
		}
	}
	for _, w := range u.wantNot {
		if strings.Contains(flat, strings.Join(strings.Fields(w), " ")) {
			t.Errorf("line %d: > %s\ndo not want %q in:\n%s", u.line, u.said, w, answer)
		}
	}
}

// converse runs the chat and returns the answer to each turn.
func converse(t *testing.T, db string, env []string, turns []turn) []string {
	t.Helper()
	in := &prompter{turns: turns}
	var stderr bytes.Buffer
	status := run(context.Background(), []string{"chat", "--db", db}, env, stdio{in, &in.out, &stderr})
	if status != exitOK || stderr.Len() > 0 {
		t.Fatalf("status %d, standard error:\n%s", status, &stderr)
	}
	return in.answers
}

// prompter hands over one line per Read, so that all output between two Reads
// is the answer to the line before.
type prompter struct {
	turns   []turn
	next    int
	out     bytes.Buffer
	answers []string
}

func (p *prompter) Read(b []byte) (int, error) {
	if p.next > 0 {
		p.answers = append(p.answers, p.out.String())
		p.out.Reset()
	}
	if p.next == len(p.turns) {
		p.next = 0
		return 0, io.EOF
	}
	n := copy(b, p.turns[p.next].said+"\n")
	p.next++
	return n, nil
}
