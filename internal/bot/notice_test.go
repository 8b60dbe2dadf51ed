package bot

import (
	"strings"
	"testing"
)

func TestNoticesHaveBothTextsAndANextStep(t *testing.T) {
	for _, n := range []Notice{NoticeNotMember, NoticeArchived, NoticeScope, NoticeRole, NoticeThread, NoticeFailed, NoticeContent} {
		for _, l := range []Lang{"de", "en", ""} {
			a := n.Say(l, "<detail>")
			if !a.Private || len(a.Blocks) != 2 {
				t.Errorf("%s/%s: %+v", n, l, a)
			}
			p := a.Blocks[0].(Paragraph)
			if strings.TrimSpace(p.Spans[0].Text) == "" || p.Spans[1] != Code("<detail>") || a.Blocks[1].(Hint).Spans[0].Text == "" {
				t.Errorf("%s/%s: %+v", n, l, a.Blocks)
			}
		}
	}
}

func TestAStaleButtonHasNoDetail(t *testing.T) {
	for l, want := range map[Lang]string{"de": "Knopf", "en": "button"} {
		a := NoticeStale.Say(l, "")
		if p := a.Blocks[0].(Paragraph); len(p.Spans) != 1 || !strings.Contains(p.Spans[0].Text, want) || !a.Private {
			t.Errorf("%s: %+v", l, a)
		}
	}
}
