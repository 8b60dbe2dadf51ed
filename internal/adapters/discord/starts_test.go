package discord

import (
	"testing"
	"time"
)

// What an IDENTIFY waits for, and how long it is until it is worth asking again.
func TestWhatAnIdentifyWaitsFor(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := &board{Count: 4}
	b.Starts.told(now, startLimit{Total: 1000, Remaining: minIdentifies + 3, ResetAfter: 7_200_000, Concurrency: 2}, 0)
	b.attend(now, "a", tidings{})
	ask := func(after time.Duration, i int, wait time.Duration, why hindrance) {
		t.Helper()
		now = now.Add(after)
		if w, got := b.begin(now, shardID{i, 4}); w != wait || got != why {
			t.Errorf("shard %d waits %s for %d, want %s for %d", i, w, got, wait, why)
		}
	}
	ask(0, 2, time.Second, hinderedOrder)
	ask(0, 0, 0, hinderedNot)
	ask(0, 2, time.Second, hinderedOrder) // 1 is in the same bucket as 0
	ask(0, 1, 0, hinderedNot)
	ask(0, 2, time.Second, hinderedKey) // on its way; asked for again soon
	b.begun(now, shardID{0, 4}, true)
	ask(time.Second, 2, identifyPause-time.Second, hinderedKey)
	b.begun(now, shardID{1, 4}, false) // given back: nothing was sent
	ask(0, 3, time.Second, hinderedOrder)
	ask(identifyPause-time.Second, 1, 0, hinderedNot)
	ask(0, 2, 0, hinderedNot)
	b.begun(now, shardID{1, 4}, true)
	ask(time.Minute, 3, 2*time.Hour-time.Minute-identifyPause, hinderedBudget)
	ask(2*time.Hour, 3, 0, hinderedNot)

	// A holder that says nothing blocks its key for a while only.
	b.Starts.Keys[0] = now.Add(identifyHold)
	ask(identifyHold, 2, 0, hinderedNot)

	// Without a word from Discord the spending is even, after a burst.
	c := &board{Count: 1}
	c.attend(now, "a", tidings{})
	for range identifyBurst {
		if _, why := c.begin(now, shardID{0, 1}); why != hinderedNot {
			t.Fatalf("%d", why)
		}
		c.begun(now, shardID{0, 1}, true)
		c.Starts.Keys[0] = now
	}
	if wait, why := c.begin(now, shardID{0, 1}); why != hinderedPace || wait != identifyEvery {
		t.Errorf("after a burst: %s for %d", wait, why)
	}
}

// Processes ask Discord side by side what is left: an answer may be older than
// what has been permitted since.
func TestAnOldAnswerGivesNoIdentifyBack(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	limit := startLimit{Total: 1000, Remaining: minIdentifies + 2, ResetAfter: 7_200_000, Concurrency: 4}
	b := &board{Count: 4}
	b.attend(now, "a", tidings{})
	ask := func(i, answered int, want hindrance) {
		t.Helper()
		b.Starts.told(now, limit, answered)
		if _, why := b.begin(now, shardID{i, 4}); why != want {
			t.Errorf("shard %d: %d, want %d; %d left", i, why, want, b.Starts.Left)
		}
	}
	ask(0, 0, hinderedNot)
	b.begun(now, shardID{0, 4}, true) // answered since the others asked
	ask(1, 0, hinderedNot)            // still on its way
	ask(2, 0, hinderedBudget)
	b.begun(now, shardID{1, 4}, true)
	ask(3, 0, hinderedBudget)
	limit.Remaining = minIdentifies + 1 // one was somebody's who gave it back
	ask(3, 2, hinderedNot)
}
