//go:build linux && cgo

package store

// #include <malloc.h>
//
// static void trim(void) {
// #ifdef __GLIBC__
// 	malloc_trim(0);
// #endif
// }
import "C"

// trimC has glibc give freed memory back, which it keeps in an arena for each
// thread that SQLite was called on. Other C libraries keep little.
func trimC() { C.trim() }
