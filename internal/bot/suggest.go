package bot

import "context"

// maxSuggestions is what Discord shows at most (application commands: 25 choices).
const maxSuggestions = 25

// Suggest completes the provider or target of a command: providers whose name,
// alias or domain fits what is typed, best first.
func (b *Bot) Suggest(_ context.Context, _, option, typed string, _ Lang) []Suggestion {
	if option != "provider" && option != "target" {
		return nil
	}
	var out []Suggestion
	for _, p := range b.Book().Suggest(typed, maxSuggestions) {
		out = append(out, Suggestion{Label: p.Name, Value: p.ID})
	}
	return out
}
