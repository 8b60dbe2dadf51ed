package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match/eval"
)

// maxLine is the longest message that is read from a pipe.
const maxLine = 1 << 20

// runAsk answers one message as the bot would in a channel where it answers by
// itself: it may stay silent, and then the exit status is 3.
func runAsk(ctx context.Context, in *invocation) error {
	asJSON := in.flags.Bool("json", false, "")
	explain := in.flags.Bool("explain", false, "")
	lang := in.flags.String("lang", "", "")
	if err := in.parse(); err != nil {
		return err
	}
	if *lang != "" && *lang != "de" && *lang != "en" {
		return usagef("--lang is de or en, not %q", *lang)
	}
	if len(in.args) == 0 {
		return usagef("there is no TEXT. Example: mailhelpbot ask \"/settings gmx\"")
	}
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	ask := asker{app: a, in: in, lang: *lang, json: *asJSON, explain: *explain}
	if len(in.args) == 1 && in.args[0] == "-" {
		return ask.lines(ctx)
	}
	answered, err := ask.one(ctx, strings.Join(in.args, " "))
	if err == nil && !answered {
		return statusError(exitSilent)
	}
	return err
}

type asker struct {
	app           *app
	in            *invocation
	lang          string
	json, explain bool
}

// lines answers each line of standard input with one line.
func (k asker) lines(ctx context.Context) error {
	sc := bufio.NewScanner(k.in.in)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	for sc.Scan() {
		if _, err := k.one(ctx, sc.Text()); err != nil {
			return err
		}
	}
	if errors.Is(sc.Err(), bufio.ErrTooLong) {
		return usagef("a line is longer than %d bytes", maxLine)
	}
	return sc.Err()
}

func (k asker) one(ctx context.Context, text string) (answered bool, err error) {
	m := bot.Message{Platform: "console", Kind: bot.KindChannel, Text: text, Lang: k.lang, Time: time.Now()}
	if k.lang == "" {
		m.Lang = k.in.env.Lang
	}
	intent := k.app.bot.Understand(ctx, m)
	var last *bot.Answer
	for a := range k.app.bot.Handle(ctx, m) {
		last = &a
	}
	if k.explain {
		for _, e := range intent.Evidence {
			fmt.Fprintln(k.in.out, e)
		}
	}
	if k.json {
		return last != nil, json.NewEncoder(k.in.out).Encode(answerJSON(intent, last))
	}
	if last != nil {
		s := bot.PlainText(*last)
		if len(k.in.args) == 1 && k.in.args[0] == "-" {
			s = strings.Join(strings.Fields(s), " ")
		}
		_, err = io.WriteString(k.in.out, s+"\n")
	} else if len(k.in.args) == 1 && k.in.args[0] == "-" {
		_, err = fmt.Fprintln(k.in.out)
	}
	return last != nil, err
}

// askResult is what `ask --json` prints; absent values are null.
type askResult struct {
	eval.Prediction
	ID       *string           `json:"id,omitempty"` // there is none
	Text     *string           `json:"text"`
	Settings []bot.SettingFact `json:"settings"`
	Sources  []string          `json:"sources"`
}

func answerJSON(in knowledge.Intent, a *bot.Answer) askResult {
	r := askResult{Prediction: eval.Predict("", in), Settings: []bot.SettingFact{}, Sources: []string{}}
	if a == nil {
		return r
	}
	text := bot.PlainText(*a)
	r.Text, r.Lang = &text, &a.Lang
	if d := a.Data; d != nil {
		if d.Provider != "" {
			r.Provider = &d.Provider
		}
		if d.Settings != nil {
			r.Settings = d.Settings
		}
		for _, s := range d.Sources {
			if s != "" {
				r.Sources = append(r.Sources, s)
			}
		}
	}
	return r
}
