package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match/eval"
)

// runEval reads labelled messages and prints how well they are understood, or
// with --predictions what was understood of each. Without a file it holds out
// the utterances that the knowledge teaches, a share at a time.
func runEval(ctx context.Context, in *invocation) error {
	asJSON := in.flags.Bool("json", false, "")
	predictions := in.flags.Bool("predictions", false, "")
	if err := in.parse(); err != nil {
		return err
	}
	var cases []eval.Case
	for _, name := range in.args {
		c, err := readCases(name)
		if err != nil {
			return usagef("%s: %v", name, err)
		}
		cases = append(cases, c...)
	}
	a, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer a.Close()
	preds := make([]eval.Prediction, len(cases))
	for i, c := range cases {
		preds[i] = eval.Predict(c.ID, a.bot.Understand(ctx, bot.Message{Platform: "console", Kind: bot.KindChannel, Text: c.Text}))
	}
	if len(in.args) == 0 {
		cases, preds = eval.HeldOut(a.bot.Book())
	}
	if *predictions {
		enc := json.NewEncoder(in.out)
		for _, p := range preds {
			if err := enc.Encode(p); err != nil {
				return err
			}
		}
		return nil
	}
	report := eval.Score(cases, preds)
	if !*asJSON {
		return report.Write(in.out)
	}
	enc := json.NewEncoder(in.out)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"all": report.All, "de": report.ByLang["de"], "en": report.ByLang["en"]})
}

func readCases(name string) ([]eval.Case, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cases, err := eval.Read(f)
	if err == nil && len(cases) == 0 {
		err = fmt.Errorf("no labelled message in it")
	}
	return cases, err
}
