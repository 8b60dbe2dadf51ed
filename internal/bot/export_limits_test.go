package bot

// Probes is how many endpoints are being probed.
func (b *Bot) Probes() int {
	b.limits.mu.Lock()
	defer b.limits.mu.Unlock()
	return b.limits.probes
}

// Remembered is how many entries the limits hold.
func (b *Bot) Remembered() int {
	l := &b.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.buckets) + len(l.networks) + len(l.runs) + len(l.busy)
}
