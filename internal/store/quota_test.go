package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/mailhelpbot/mailhelpbot/internal/bot"
	"github.com/mailhelpbot/mailhelpbot/internal/diagnose"
	"github.com/mailhelpbot/mailhelpbot/internal/store"
)

func quotas(t *testing.T, address, secret string) *store.Quotas {
	t.Helper()
	q, err := open(t, address).Quotas(secret)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// bucketsAreShared holds that processes count together.
func bucketsAreShared(t *testing.T, address string) {
	a, b := quotas(t, address, "token"), quotas(t, address, "token")
	user, host := bot.Bucket{Name: "user U1", Tokens: 3, Per: time.Hour}, bot.Bucket{Name: "host h", Tokens: 2, Per: 10 * time.Hour}
	take := func(q *store.Quotas, want ...bot.Bucket) (int, time.Duration) {
		t.Helper()
		lacking, wait, err := q.Take(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		return lacking, wait
	}
	for i, q := range []*store.Quotas{a, b} {
		if lacking, _ := take(q, user, host); lacking != -1 {
			t.Fatalf("take %d is refused by bucket %d", i, lacking)
		}
	}
	if lacking, wait := take(a, user, host); lacking != 1 || wait <= 4*time.Hour || wait > 5*time.Hour {
		t.Errorf("bucket %d, %s: want the host's, empty for almost five hours", lacking, wait)
	}
	// What was refused has cost nothing: the third of the user's is still there.
	if lacking, _ := take(b, user); lacking != -1 {
		t.Error("a refusal was charged")
	}
	if lacking, wait := take(a, user, host); lacking != 1 || wait <= 4*time.Hour {
		t.Errorf("bucket %d, %s: want the one that is empty for the longest", lacking, wait)
	}
	if lacking, wait := take(a, user); lacking != 0 || wait > 20*time.Minute {
		t.Errorf("bucket %d, %s", lacking, wait)
	}
	if err := b.Charge(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if lacking, wait := take(a, user); lacking != 0 || wait <= 20*time.Minute {
		t.Errorf("bucket %d, %s: a late charge does not go below zero", lacking, wait)
	}
	quick := bot.Bucket{Name: "quick", Tokens: 1, Per: 100 * time.Millisecond}
	for range 3 { // it refills, and holds no more than its size
		for lacking := 0; lacking != -1; {
			lacking, _ = take(a, quick)
		}
	}
	if lacking, _ := take(quotas(t, address, "another"), user); lacking != -1 {
		t.Error("another installation is refused")
	}
}

// bucketsAreNotOverdrawn has many take at once, in any order of buckets.
func bucketsAreNotOverdrawn(t *testing.T, address string) {
	a, b := quotas(t, address, "token"), quotas(t, address, "token")
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for i := range 60 {
		wg.Go(func() {
			want := []bot.Bucket{{Name: "x", Tokens: 7, Per: time.Hour}, {Name: fmt.Sprint("y", i%5), Tokens: 50, Per: time.Hour}, {Name: "z", Tokens: 50, Per: time.Hour}}
			if i%2 == 0 {
				want[0], want[2] = want[2], want[0]
			}
			lacking, _, err := []*store.Quotas{a, b}[i/2%2].Take(t.Context(), want)
			if err != nil {
				t.Error(err)
				return
			}
			if lacking == -1 {
				mu.Lock()
				got++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if got != 7 {
		t.Errorf("%d tokens of 7 were taken", got)
	}
}

// loginsAreShared holds that an account is tried by one process at a time, so
// often and no oftener, and not soon after a refusal.
func loginsAreShared(t *testing.T, address string) {
	a, b := quotas(t, address, "token"), quotas(t, address, "token")
	rates := diagnose.LoginRates{Max: 3, Within: time.Hour, HoldBack: 15 * time.Minute, Takes: time.Minute}
	begin := func(q *store.Quotas, account string, want bool) {
		t.Helper()
		if ok, err := q.BeginLogin(t.Context(), account, rates); ok != want || err != nil {
			t.Errorf("%s: may log in: %v, %v", account, ok, err)
		}
	}
	end := func(q *store.Quotas, account string, refused bool) {
		t.Helper()
		if err := q.EndLogin(t.Context(), account, rates, refused); err != nil {
			t.Error(err)
		}
	}
	begin(a, "anna", true)
	begin(b, "anna", false) // one at a time
	end(a, "anna", false)
	begin(b, "anna", true)
	end(b, "anna", false)
	begin(a, "anna", true)
	end(a, "anna", false)
	begin(b, "anna", false) // three within an hour
	begin(a, "ben", true)
	end(a, "ben", true)
	begin(b, "ben", false) // refused a moment ago
	// A process that dies during a login, or times that are past, hold nobody back.
	rates.Takes, rates.Within, rates.HoldBack = 0, 0, 0
	begin(a, "cleo", true)
	begin(b, "cleo", true)
	begin(b, "ben", true)
}
