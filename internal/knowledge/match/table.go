package match

// table counts or numbers hashes. It is smaller and faster than a map, and
// needs no more than to be filled once.
type table struct {
	keys   []uint32
	values []int32 // 0 for a free place
	used   int
}

func newTable(n int) *table {
	size := 16
	for 3*size < 4*n { // three quarters full at most
		size *= 2
	}
	return &table{keys: make([]uint32, size), values: make([]int32, size)}
}

// at returns the place of a hash, or the free one where it belongs.
func (t *table) at(h uint32) int {
	mask := len(t.keys) - 1
	i := int(h*2654435769>>7) & mask
	for t.values[i] != 0 && t.keys[i] != h {
		i = (i + 1) & mask
	}
	return i
}

// get returns the value of a hash, 0 for none.
func (t *table) get(h uint32) int32 { return t.values[t.at(h)] }

// add adds to the value of a hash, which is not 0 then.
func (t *table) add(h uint32, n int32) {
	i := t.at(h)
	if t.values[i] == 0 {
		if 4*t.used >= 3*len(t.keys) {
			t.grow()
			i = t.at(h)
		}
		t.keys[i] = h
		t.used++
	}
	t.values[i] += n
}

func (t *table) grow() {
	big := newTable(len(t.keys))
	for i, n := range t.values {
		if n != 0 {
			big.add(t.keys[i], n)
		}
	}
	*t = *big
}
