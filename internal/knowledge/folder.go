package knowledge

import (
	"context"
	"io/fs"
	"iter"
	"slices"
	"sync"
	"time"
)

// Folder is an operator's own folder of knowledge that may change while the
// program runs. It keeps the last state without errors: a broken file never
// takes knowledge away, it only keeps the new state out. A Folder is safe for
// concurrent use.
type Folder struct {
	fsys    fs.FS
	against []Facts

	mu       sync.Mutex
	hash     string // of the last state that was tried, "" before the first
	facts    Facts
	problems []Problem
}

// Update is what a change of a Folder led to.
type Update struct {
	Facts    Facts     // in force now: the new state, or the old one when Taken is false
	Problems []Problem // of the state that was tried
	Taken    bool      // the new state has no errors and is in force
}

// NewFolder makes a Folder over fsys (os.DirFS of the operator's directory).
// References to shipped topics, clients and so on are looked up in against.
// Nothing is read yet.
func NewFolder(fsys fs.FS, against ...Facts) *Folder {
	return &Folder{fsys: fsys, against: against}
}

// Reload reads the folder if its files differ from those tried last. changed is
// false when they do not; the Update then repeats the present state.
func (f *Folder) Reload() (u Update, changed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hash, err := HashFS(f.fsys)
	if err != nil {
		p := Problem{File: ".", Severity: SeverityError, What: err.Error(), Remedy: "check that the folder exists and may be read"}
		changed = !slices.Equal(f.problems, []Problem{p})
		f.hash, f.problems = "", []Problem{p}
		return Update{Facts: f.facts, Problems: f.problems}, changed
	}
	if hash == f.hash {
		return Update{f.facts, f.problems, len(Errors(f.problems)) == 0}, false
	}
	facts, problems := Load(f.fsys, OriginOperator, f.against...)
	f.hash, f.problems = hash, problems
	taken := len(Errors(problems)) == 0
	if taken {
		f.facts = facts
	}
	return Update{f.facts, problems, taken}, true
}

// Hash is [HashFS] of the state that was tried last.
func (f *Folder) Hash() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hash
}

// State returns the facts in force and the problems of the state tried last.
func (f *Folder) State() (Facts, []Problem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.facts, f.problems
}

// Watch looks at the folder on every tick (time.Ticker.C, every few seconds)
// and yields an Update for each change, good or broken, until ctx ends or the
// loop is left. A change counts when two ticks in a row see the same files, so
// that a folder in the middle of being copied is left alone; Reload does not
// wait. Looking costs reading the files, not parsing them.
func (f *Folder) Watch(ctx context.Context, ticks <-chan time.Time) iter.Seq[Update] {
	return func(yield func(Update) bool) {
		seen := ""
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks:
			}
			hash, err := HashFS(f.fsys)
			if err != nil {
				hash = "unreadable: " + err.Error()
			}
			settled := hash == seen
			seen = hash
			if !settled {
				continue
			}
			if u, changed := f.Reload(); changed && !yield(u) {
				return
			}
		}
	}
}
