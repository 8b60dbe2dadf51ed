//go:build !unix

package store

import "os"

// lockFile does nothing: on these systems an operator must see to it that one process serves.
func lockFile(*os.File) error { return nil }
