package bot

import "testing"

// What can be typed after /mailhelp can be chosen, too, where commands have
// parts of their own.
func TestEverySubcommandCanBeChosen(t *testing.T) {
	offered := map[string]bool{}
	for _, s := range mailhelpSubs() {
		offered[s.Name] = true
	}
	for _, s := range subcommands() {
		if !offered[s.names[0]] {
			t.Errorf("/mailhelp %s can be typed alone", s.names[0])
		}
	}
}
