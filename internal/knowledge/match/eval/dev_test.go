package eval_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match"
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge/match/eval"
)

func TestDev(t *testing.T) {
	files := os.Getenv("EVALFILE")
	if files == "" {
		t.Skip()
	}
	f, _ := knowledge.Load(knowledge.Seed(), knowledge.OriginShipped)
	m := match.New(knowledge.NewBook(f))
	fh, err := os.Open(files)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := eval.Read(fh)
	if err != nil {
		t.Fatal(err)
	}
	var preds []eval.Prediction
	for _, c := range cases {
		in := m.Match(c.Text, match.Context{})
		p := eval.Predict(c.ID, in)
		preds = append(preds, p)
		v := eval.Judge(c, p)
		if os.Getenv("V") != "" && (!c.IsError && (!v.TopicOK || !v.IntentOK) || c.IsError && !v.CauseOK) {
			fmt.Printf("%s %s want %s/%s%s %v got %s/%s %.2f r=%v c=%v cause=%s| %.200s\n", c.ID, c.Lang, c.Intent, c.Topic, c.Cause, c.Accept["faq"], in.Kind, in.Topic, in.Confidence, in.Reply, in.Clarify, in.Cause, c.Text)
			if os.Getenv("V") == "2" {
				for _, e := range in.Evidence {
					fmt.Println("      ", e)
				}
			}
		}
	}
	if os.Getenv("SLOT") != "" {
		for i, c := range cases {
			p := preds[i]
			v := func(s *string) string {
				if s == nil {
					return ""
				}
				return *s
			}
			if !c.InScope() || c.IsError {
				continue
			}
			if v(p.Protocol) != c.Protocol || v(p.Client) != c.Client || v(p.Provider) != c.Provider && os.Getenv("SLOT") == "2" {
				fmt.Printf("SLOT %s prov %s>%s proto %s>%s client %s>%s | %.220s\n", c.ID, c.Provider, v(p.Provider), c.Protocol, v(p.Protocol), c.Client, v(p.Client), c.Text)
			}
		}
	}
	eval.Score(cases, preds).Write(os.Stdout)
}
