// Command bench holds the two helpers of scripts/bench.sh.
//
//	bench floor HOST ROOTS.pem USER PASSWORD [-auth]
//	bench link NAMESPACE-A NAMESPACE-B DELAY
//
// floor is the yardstick: a client that does the least a check of five
// endpoints can do, all side by side, certificate verified and capabilities
// read, with -auth a login; no diagnosis. It prints the milliseconds taken.
//
// link joins two network namespaces by a point-to-point link that delays every
// packet by DELAY in each direction, for kernels without netem. It runs until
// it is killed.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) >= 5 && args[0] == "floor":
		return floor(args[1], args[2], args[3], args[4], len(args) > 5 && args[5] == "-auth")
	case len(args) == 4 && args[0] == "link":
		delay, err := time.ParseDuration(args[3])
		if err != nil {
			return err
		}
		return link(args[1], args[2], delay)
	}
	return fmt.Errorf("usage: bench floor HOST ROOTS.pem USER PASSWORD [-auth] | bench link NAMESPACE-A NAMESPACE-B DELAY")
}
