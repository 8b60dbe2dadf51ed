package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// runPerson shows or removes what is kept about a person, for those who can no
// longer ask the bot themselves. In chat the same is /mailhelp export and
// /mailhelp forget me.
func runPerson(ctx context.Context, in *invocation) error {
	direct := in.flags.String("direct", "", "")
	if err := in.parse(); err != nil {
		return err
	}
	if len(in.args) != 4 || in.args[0] != "export" && in.args[0] != "forget" {
		return usagef("want: person export|forget [--direct CHANNEL] PLATFORM TENANT USER. Example: mailhelpbot person export slack T0123 U0456")
	}
	a, err := in.open(ctx, knowledge.KindProvider)
	if err != nil {
		return err
	}
	defer a.Close()
	p := bot.Person{Platform: in.args[1], Tenant: in.args[2], User: in.args[3], Direct: *direct}
	if in.args[0] == "forget" {
		n, err := a.bot.Forget(ctx, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(in.out, "%d entries deleted or freed of the name\n", n)
		return nil
	}
	held, err := a.bot.Held(ctx, p)
	if err != nil {
		return err
	}
	if held == nil {
		held = []bot.Held{}
	}
	enc := json.NewEncoder(in.out)
	enc.SetIndent("", "  ")
	return enc.Encode(held)
}
