package main

import (
	"context"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/mailhelpbot/mailhelpbot/internal/adapters/console"
	"github.com/mailhelpbot/mailhelpbot/internal/bot"
)

// runChat talks on the terminal, or through a pipe.
func runChat(ctx context.Context, in *invocation) error {
	lang := in.flags.String("lang", in.env.Lang, "")
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) > 0 {
		return usagef("chat takes no arguments. One message is answered by: mailhelpbot ask TEXT")
	}
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	f, ok := in.in.(*os.File)
	typed := ok && term.IsTerminal(int(f.Fd()))
	go bot.Fenced(a.log, func() {
		if typed {
			a.bot.Warm() // while the first question is typed
		}
		a.settle(ctx)
	})
	c := &console.Console{In: in.in, Out: in.out, Lang: *lang, Color: in.env.Color, Now: time.Now}
	return c.Run(ctx, a.bot.Handle)
}
