package store_test

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"
)

// agreedByMany holds that no change is lost when several processes make them
// at the same time, that none sees a time before the last, and that nothing is
// written where nothing is to change.
func agreedByMany(t *testing.T, address string) {
	a, b := open(t, address), open(t, address)
	const each = 20
	var wg sync.WaitGroup
	var mu sync.Mutex
	var last time.Time
	for i := range 4 {
		s := a
		if i%2 == 1 {
			s = b
		}
		wg.Go(func() {
			for range each {
				err := s.Agree(t.Context(), "count", func(old []byte, now time.Time) []byte {
					mu.Lock()
					defer mu.Unlock()
					if now.Before(last) {
						t.Errorf("%s comes after %s", now, last)
					}
					last = now
					n := uint32(0)
					if old != nil {
						n = binary.BigEndian.Uint32(old)
					}
					return binary.BigEndian.AppendUint32(nil, n+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for range 2 {
		err := b.Agree(t.Context(), "count", func(old []byte, _ time.Time) []byte {
			if n := binary.BigEndian.Uint32(old); n != 4*each {
				t.Errorf("%d changes, want %d", n, 4*each)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	err := a.Agree(t.Context(), "other", func(old []byte, _ time.Time) []byte {
		if old != nil {
			t.Errorf("another name holds %x", old)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
