package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"
)

// Set by the release build with -ldflags "-X main.version=… -X main.commit=…
// -X main.date=…". Without them Go's own stamp is used, which a build outside
// of a git work tree, such as one from a source archive, does not have.
var version, commit, date string

// build is what is known of this binary.
type build struct {
	Version string `json:"version"` // release, or "devel"
	Commit  string `json:"commit"`  // full hash, with "+dirty" for changed files; "" when unknown
	Date    string `json:"date"`    // of the commit, RFC 3339; "" when unknown
	Go      string `json:"go"`
	Arch    string `json:"arch"` // linux/amd64
	CGO     bool   `json:"cgo"`
}

func readBuild() build {
	b := build{Version: version, Commit: commit, Date: date}
	bi, ok := debug.ReadBuildInfo()
	if !ok {
		return b.named()
	}
	b.Go = bi.GoVersion
	set := map[string]string{}
	for _, s := range bi.Settings {
		set[s.Key] = s.Value
	}
	b.Arch, b.CGO = set["GOOS"]+"/"+set["GOARCH"], set["CGO_ENABLED"] == "1"
	if b.Commit == "" {
		b.Commit = set["vcs.revision"]
		if set["vcs.modified"] == "true" {
			b.Commit += "+dirty"
		}
	}
	if b.Date == "" {
		b.Date = set["vcs.time"]
	}
	return b.named()
}

func (b build) named() build {
	if b.Version == "" {
		b.Version = "devel"
	}
	return b
}

// short is the commit as people write it.
func (b build) short() string {
	hash, dirty, changed := strings.Cut(b.Commit, "+")
	hash = hash[:min(12, len(hash))]
	if changed {
		hash += "+" + dirty
	}
	return hash
}

func runVersion(_ context.Context, in *invocation) error {
	asJSON := in.flags.Bool("json", false, "")
	if err := in.parse(); err != nil {
		return err
	}
	b := readBuild()
	if *asJSON {
		enc := json.NewEncoder(in.out)
		enc.SetIndent("", "  ")
		return enc.Encode(b)
	}
	_, err := fmt.Fprintln(in.out, strings.Join(strings.Fields("mailhelpbot "+b.Version+" "+b.short()+" "+b.Date), " "))
	return err
}
