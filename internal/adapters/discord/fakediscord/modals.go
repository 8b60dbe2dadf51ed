package fakediscord

// checkInput holds an input of a modal, which carries its label, against
// discord.com/developers/docs/components/reference.
func checkInput(f formErrors, in Component) {
	if n := runes(in.Label); n < 1 || n > 45 {
		f.add("data.components.label", "Must be between 1 and 45 in length.")
	}
	if n := runes(in.CustomID); n < 1 || n > 100 {
		f.add("data.components.custom_id", "Must be between 1 and 100 in length.")
	}
	switch in.Type {
	case ComponentInput:
		if in.Style != 1 && in.Style != 2 {
			f.add("data.components.style", "Value must be one of {1, 2}.")
		}
		if runes(in.Placeholder) > 100 || in.MaxLength > 4000 || in.MaxLength < 0 || runes(in.Value) > 4000 || in.MaxLength > 0 && runes(in.Value) > in.MaxLength {
			f.add("data.components", "Must be 4000 or fewer in length.")
		}
	case ComponentSelect:
		if n := len(in.Options); n < 1 || n > 25 || runes(in.Placeholder) > 150 {
			f.add("data.components.options", "Must be between 1 and 25 in length.")
		}
		values := map[string]bool{}
		for _, o := range in.Options {
			if a, b := runes(o.Label), runes(o.Value); a < 1 || a > 100 || b < 1 || b > 100 || values[o.Value] {
				f.add("data.components.options", "Must be between 1 and 100 in length.")
			}
			values[o.Value] = true
		}
	default:
		f.add("data.components.type", "Value must be one of (3, 4).")
	}
}
