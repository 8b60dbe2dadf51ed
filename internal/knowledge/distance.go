package knowledge

// editDistance returns the number of insertions, deletions, replacements and
// swaps of neighbouring bytes that turn a into b (optimal string alignment),
// or limit when it is not below limit. It allocates nothing for texts of up to
// 63 bytes; longer ones count as limit unless they are equal.
func editDistance(a, b string, limit int) int {
	if a == b {
		return 0
	}
	const most = 63
	if len(a) > most || len(b) > most || max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	var rows [3][most + 1]uint8
	prev2, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = uint8(j)
	}
	for i := range len(a) {
		cur[0] = uint8(i + 1)
		low := cur[0]
		for j := range len(b) {
			cost := uint8(1)
			if a[i] == b[j] {
				cost = 0
			}
			d := min(prev[j]+cost, prev[j+1]+1, cur[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, prev2[j-1]+1)
			}
			cur[j+1] = d
			low = min(low, d)
		}
		if int(low) >= limit {
			return limit
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(int(prev[len(b)]), limit)
}

// Distance returns how many typing errors lie between two names, or limit when
// it is not below limit; see [editDistance] for what counts as one.
func Distance(a, b string, limit int) int { return editDistance(a, b, limit) }
