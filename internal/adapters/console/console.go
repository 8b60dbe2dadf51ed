package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/peterh/liner"
	"golang.org/x/term"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// Console is the adapter for one terminal or pipe. Set its fields before Run.
type Console struct {
	In    io.Reader
	Out   io.Writer
	Lang  bot.Lang // of the person at the terminal, if known
	Color bool     // use colour and redrawing when Out is a terminal
	Now   func() time.Time

	thread string // every run is a conversation of its own
}

// maxLine is the longest line that is read from a pipe; the rest of a longer one is dropped.
const maxLine = 1 << 20

// Name implements bot.Adapter.
func (c *Console) Name() string { return "console" }

// Run implements bot.Adapter: it ends with the input, or with ctx.
func (c *Console) Run(ctx context.Context, h bot.Handler) error {
	c.thread = c.Now().UTC().Format(time.RFC3339Nano)
	_, inTTY := terminal(c.In)
	out, outTTY := terminal(c.Out)
	if !inTTY || !outTTY || !liner.TerminalSupported() {
		return c.pipe(ctx, h)
	}
	return c.interactive(ctx, h, out)
}

func terminal(v any) (*os.File, bool) {
	f, ok := v.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// pipe answers one message per line. Progress is left out: only the last
// Answer of each message is written.
func (c *Console) pipe(ctx context.Context, h bot.Handler) error {
	r := bufio.NewReaderSize(c.In, 64<<10)
	for ctx.Err() == nil {
		line, err := readLine(r)
		if line != "" || err == nil {
			if werr := c.answerPlain(ctx, h, line); werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readLine reads to the next line feed and keeps at most maxLine bytes.
func readLine(r *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - b.Len(); room > 0 {
			b.Write(part[:min(len(part), room)])
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(b.String(), "\r\n"), err
		}
	}
}

func (c *Console) answerPlain(ctx context.Context, h bot.Handler, line string) error {
	if strings.TrimSpace(line) == "" {
		return nil
	}
	var last *bot.Answer
	for a := range h(ctx, c.message(line)) {
		last = &a
	}
	if last == nil {
		return nil
	}
	_, err := fmt.Fprintln(c.Out, strings.TrimRight(Render(*last, Style{}), "\n")+"\n")
	return err
}

func (c *Console) message(line string) bot.Message {
	return bot.Message{Platform: "console", Channel: "terminal", Thread: c.thread, Kind: bot.KindDirect, Text: line, Lang: c.Lang, Time: c.Now()}
}

// interactive talks with a person at a terminal.
func (c *Console) interactive(ctx context.Context, h bot.Handler, out *os.File) error {
	ed := liner.NewLiner()
	defer ed.Close()
	ed.SetCtrlCAborts(true)
	ed.SetCompleter(complete)
	c.welcome()
	lines := make(chan result)
	for {
		go func() {
			s, err := ed.Prompt("> ")
			lines <- result{s, err}
		}()
		select {
		case <-ctx.Done():
			return nil
		case r := <-lines:
			switch {
			case errors.Is(r.err, liner.ErrPromptAborted):
				fmt.Fprintln(c.Out, words(c.Lang, "quit"))
				continue
			case errors.Is(r.err, io.EOF):
				fmt.Fprintln(c.Out)
				return nil
			case r.err != nil:
				return r.err
			}
			if strings.TrimSpace(r.line) == "" {
				continue
			}
			ed.AppendHistory(r.line)
			c.draw(ctx, h, r.line, out)
		}
	}
}

type result struct {
	line string
	err  error
}

// draw shows the Answers to a line, each in the place of the one before.
func (c *Console) draw(ctx context.Context, h bot.Handler, line string, out *os.File) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	style := Style{Color: c.Color, Width: 80}
	if w, _, err := term.GetSize(int(out.Fd())); err == nil && w > 0 {
		style.Width = min(w, 100)
	}
	drawn := 0
	for a := range h(ctx, c.message(line)) {
		if a.Partial && !c.Color {
			continue
		}
		s := "\n" + Render(a, style) + "\n"
		if drawn > 0 {
			fmt.Fprintf(c.Out, "\033[%dA\033[J", drawn)
		}
		fmt.Fprint(c.Out, s)
		drawn = strings.Count(s, "\n")
	}
}

func (c *Console) welcome() {
	fmt.Fprintln(c.Out, words(c.Lang, "welcome"))
}

// complete offers the commands for what begins with a slash.
func complete(line string) []string {
	var out []string
	for _, cmd := range bot.Commands() {
		if strings.HasPrefix("/"+cmd.Name, line) && line != "" {
			out = append(out, "/"+cmd.Name+" ")
		}
	}
	return out
}

// words are the few sentences that belong to the terminal itself.
func words(lang bot.Lang, key string) string {
	return map[string]string{
		"welcome.de": "mailhelpbot: Frag etwas zur E-Mail-Einrichtung. /settings gmx, /test web.de, /help; Strg-D beendet.",
		"welcome.en": "mailhelpbot: ask about e-mail set-up. /settings gmx, /test web.de, /help; Ctrl-D quits.",
		"quit.de":    "Strg-D beendet den Chat.",
		"quit.en":    "Ctrl-D ends the chat.",
	}[key+"."+orEnglish(lang)]
}

func orEnglish(l bot.Lang) bot.Lang {
	if l == "de" {
		return l
	}
	return "en"
}
