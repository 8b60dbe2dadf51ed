// Package fence keeps a panic inside the goroutine in which it happens. Go ends
// the whole process when a panic leaves any goroutine, so each goroutine that
// looks at what a stranger sent (a mail server, a chat platform, a person) runs
// behind a fence: one broken event then costs one answer, not everybody's.
package fence

// Do runs f and reports whether it came to its end. A panic in f ends f alone;
// its value is handed to told, on f's stack, unless told is nil. The value may
// quote a secret or a message: told names its type at most. Safe for concurrent use.
func Do(told func(v any), f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil && told != nil {
			told(v)
		}
	}()
	f()
	return true
}
