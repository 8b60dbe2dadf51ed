package main

import linux "golang.org/x/sys/unix"

// noCore keeps the memory of this process, which may hold a password, out of
// core files and out of reach of other processes of the same user.
func noCore() error {
	if err := linux.Setrlimit(linux.RLIMIT_CORE, &linux.Rlimit{}); err != nil {
		return err
	}
	return linux.Prctl(linux.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
