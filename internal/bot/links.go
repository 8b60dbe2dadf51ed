package bot

import (
	"context"
	"time"
)

// Links keeps what one-time links stand for, for all processes that share a
// database: a link may be opened at another one than gave it out. A value is
// sealed under the token in its link, which is kept nowhere but as a hash, so a
// copy of the database opens none. All methods may be called concurrently.
type Links interface {
	// OfferLink keeps l until its time. Of one person and kind the newest mine
	// links are kept, of all people the newest all.
	OfferLink(ctx context.Context, token string, l OneTimeLink, mine, all int) error
	// Link returns the value of an open link; nil when there is none: it never
	// was, is used up, too old, or has seen max mistakes. It changes nothing.
	Link(ctx context.Context, token string, max int, now time.Time) ([]byte, error)
	// CountLink adds n to the mistakes of a link and reports whether that could
	// be done within max.
	CountLink(ctx context.Context, token string, n, max int) (bool, error)
	// TakeLink uses a link up. Of several that try, one gets true.
	TakeLink(ctx context.Context, token string, now time.Time) (bool, error)
}

// OneTimeLink is what a one-time link stands for.
type OneTimeLink struct {
	Kind       string // LinkForm or LinkSignIn
	For        Person // who asked for it
	Value      []byte
	Made, Ends time.Time
}

// The kinds of links.
const (
	LinkForm   = "form"    // to the page with the password field
	LinkSignIn = "sign-in" // to an authorization server, whose way back it is
)
