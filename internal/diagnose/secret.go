package diagnose

// Secret is a password. It prints itself as "[redacted]" in every format, and
// Wipe overwrites it. The zero value is empty.
type Secret struct{ b []byte }

// NewSecret takes over b; the caller must not keep it.
func NewSecret(b []byte) Secret { return Secret{b} }

// Bytes returns the password itself, for the one place that sends it.
func (s Secret) Bytes() []byte { return s.b }

// Empty reports whether there is no password.
func (s Secret) Empty() bool { return len(s.b) == 0 }

// Wipe overwrites the password. TLS and the runtime may still hold copies.
func (s Secret) Wipe() { clear(s.b) }

const redacted = "[redacted]"

// String returns "[redacted]".
func (Secret) String() string { return redacted }

// GoString returns "[redacted]", for %#v.
func (Secret) GoString() string { return redacted }

// MarshalText returns "[redacted]", for JSON and slog.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
