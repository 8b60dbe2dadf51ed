package bot

import (
	"github.com/mailhelpbot/mailhelpbot/internal/knowledge"
)

// asMeant says first of every answer which misspelt domain was read as another:
// the same slip may be what stops the mail program.
func (v *view) asMeant(in knowledge.Intent, yield func(Answer) bool) func(Answer) bool {
	if in.Misspelt == "" {
		return yield
	}
	said := Paragraph{Spans(T(v.say("domain.meant", "typed", clip(in.Misspelt), "meant", in.Meant)))}
	return func(a Answer) bool {
		at := 0
		if len(a.Blocks) > 0 {
			if _, titled := a.Blocks[0].(Heading); titled {
				at = 1
			}
		}
		blocks := append([]Block{}, a.Blocks[:at]...)
		a.Blocks = append(append(blocks, said), a.Blocks[at:]...)
		return yield(a)
	}
}
