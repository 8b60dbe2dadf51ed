package match

import "testing"

// TestTable compares the table with a map, over its growth.
func TestTable(t *testing.T) {
	tab, want := newTable(1), map[uint32]int32{}
	h := uint32(1)
	for range 5000 {
		h = h*1664525 + 1013904223
		key := h >> 20 << 20 // few keys, alike in their low bits
		tab.add(key, 2)
		want[key] += 2
	}
	tab.add(0, 7)
	want[0] += 7
	for k, n := range want {
		if got := tab.get(k); got != n {
			t.Fatalf("%d: %d, want %d", k, got, n)
		}
	}
	if tab.used != len(want) || tab.get(12345) != 0 {
		t.Errorf("%d keys, want %d; a strange key counts %d", tab.used, len(want), tab.get(12345))
	}
}
