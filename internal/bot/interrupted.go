package bot

// Interrupted is what stands in the place of a test that the end of the process
// cut off: it says so, and offers the test anew. ok is false for a message that
// asked for no test by command or button; that is simply answered again.
func Interrupted(m Message) (a Answer, ok bool) {
	cmd := m.Command
	switch {
	case m.Action != nil:
		cmd = &Command{Name: m.Action.ID, Args: m.Action.Value}
	case cmd == nil:
		cmd = typedCommand(m.Text)
	}
	if cmd == nil {
		return Answer{}, false
	}
	name, german := canonical(cmd.Name)
	if name != "test" {
		return Answer{}, false
	}
	lang := m.Lang
	if german {
		lang = firstLang(lang, "de")
	}
	lang = firstLang(lang, "en")
	return Answer{
		Lang:    lang,
		Blocks:  []Block{Paragraph{Spans(T(say(lang, "test.interrupted")))}},
		Actions: []Action{{ID: ActionTest, Label: say(lang, "button.again"), Value: clip(cmd.Args), Style: "primary"}},
	}, true
}
