package discover

import "context"

// Source names where a value was found.
type Source string

// The sources.
const (
	SourceAutoconfig       Source = "autoconfig"        // https://autoconfig.DOMAIN
	SourceWellKnown        Source = "well-known"        // https://DOMAIN/.well-known/autoconfig
	SourcePACC             Source = "pacc"              // https://ua-auto-config.DOMAIN
	SourceSRV              Source = "srv"               // SRV records
	SourceISPDB            Source = "ispdb"             // Thunderbird's database
	SourceMX               Source = "mx"                // the known provider behind the MX
	SourceAutodiscover     Source = "autodiscover"      // the domain's own, by https
	SourceMXAutoconfig     Source = "mx-autoconfig"     // autoconfig of the MX's domain
	SourceMXISPDB          Source = "mx-ispdb"          // ISPDB on the MX's domain
	SourceAutodiscoverSRV  Source = "autodiscover-srv"  // Autodiscover where an SRV record points
	SourceAutoconfigHTTP   Source = "autoconfig-http"   // http://autoconfig.DOMAIN
	SourceWellKnownHTTP    Source = "well-known-http"   // http://DOMAIN/.well-known/autoconfig
	SourceAutodiscoverHTTP Source = "autodiscover-http" // Autodiscover where a plain http redirect points
	SourceGuess            Source = "guess"             // imap.DOMAIN and the like
)

// sourceSpec is one row of the table of sources.
type sourceSpec struct {
	name  Source
	trust string  // the most that a value from it deserves
	doubt []Doubt // that its values carry when they are not signed
	run   func(context.Context, *search) finding
}

// sources is the table, in the order of belief: what the domain says about
// itself, what others know about it, what others know about its MX, what came
// over open lines, what nobody says.
func sources() []sourceSpec {
	return []sourceSpec{
		{SourceAutoconfig, TrustHigh, nil, autoconfigHost("https")},
		{SourceWellKnown, TrustHigh, nil, wellKnown("https")},
		{SourcePACC, TrustHigh, nil, pacc},
		{SourceSRV, TrustMedium, []Doubt{DoubtUnsigned}, srv},
		{SourceISPDB, TrustHigh, nil, ispdb},
		{SourceMX, TrustHigh, nil, mxProvider},
		{SourceAutodiscover, TrustHigh, nil, autodiscover},
		{SourceMXAutoconfig, TrustMedium, []Doubt{DoubtMX}, mxAutoconfig},
		{SourceMXISPDB, TrustMedium, []Doubt{DoubtMX}, mxISPDB},
		{SourceAutodiscoverSRV, TrustMedium, []Doubt{DoubtUnsigned}, autodiscoverSRV},
		{SourceAutoconfigHTTP, TrustLow, []Doubt{DoubtHTTP}, autoconfigHost("http")},
		{SourceWellKnownHTTP, TrustLow, []Doubt{DoubtHTTP}, wellKnown("http")},
		{SourceAutodiscoverHTTP, TrustLow, []Doubt{DoubtHTTP}, autodiscoverHTTP},
		{SourceGuess, TrustMedium, []Doubt{DoubtGuess}, guess},
	}
}

// AllSources returns the sources in the order of belief.
func AllSources() []Source {
	var out []Source
	for _, s := range sources() {
		out = append(out, s.name)
	}
	return out
}
