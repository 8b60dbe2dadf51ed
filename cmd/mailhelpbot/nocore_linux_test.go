package main

import (
	"testing"

	linux "golang.org/x/sys/unix"
)

// TestNoCoreFiles holds that a process that takes passwords leaves no core
// file. It changes the test's own process, which wants none either.
func TestNoCoreFiles(t *testing.T) {
	if err := noCore(); err != nil {
		t.Fatal(err)
	}
	var limit linux.Rlimit
	if err := linux.Getrlimit(linux.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("core files of %d bytes are allowed, %v", limit.Cur, err)
	}
	if n, err := linux.PrctlRetInt(linux.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || n != 0 {
		t.Errorf("dumpable is %d, %v", n, err)
	}
}
