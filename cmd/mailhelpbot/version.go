package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// version is set by the release build with -ldflags "-X main.version=…".
var version = "devel"

func runVersion(_ context.Context, in *invocation) error {
	revision, date := "", ""
	if bi, ok := debug.ReadBuildInfo(); ok {
		for _, s := range bi.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = " " + s.Value[:min(12, len(s.Value))]
			case "vcs.time":
				date = " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintf(in.out, "mailhelpbot %s%s%s\n", version, revision, date)
	return err
}
