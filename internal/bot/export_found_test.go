package bot

import "github.com/mailhelpbot/mailhelpbot/internal/knowledge/discover"

// FoundKeys are the text keys that the answers to a search are made of by name.
func FoundKeys() []string {
	keys := []string{"found.doubt.guess.confirmed"}
	for _, s := range discover.AllSources() {
		keys = append(keys, "found.source."+string(s))
	}
	for _, t := range []string{discover.TrustHigh, discover.TrustMedium, discover.TrustLow} {
		keys = append(keys, "found.trust."+t)
	}
	for _, d := range []discover.Doubt{discover.DoubtUnsigned, discover.DoubtHTTP, discover.DoubtGuess, discover.DoubtMX} {
		keys = append(keys, "found.doubt."+string(d))
	}
	for _, s := range []discover.Status{
		discover.StatusNothing, discover.StatusNullMX, discover.StatusNoMail, discover.StatusNoDomain, discover.StatusBrokenDNS, discover.StatusNoNetwork,
	} {
		keys = append(keys, "found."+string(s))
	}
	return keys
}

// HasText reports whether a text exists.
func HasText(key string) bool {
	_, ok := texts[key]
	return ok
}
