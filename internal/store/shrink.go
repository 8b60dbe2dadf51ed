package store

import "context"

// Shrink gives back memory that SQLite holds for pages which are not in use,
// after work that needed many, such as reading the whole knowledge. What is
// needed again is read again. PostgreSQL's memory is not in this process.
func (s *Store) Shrink(ctx context.Context) error {
	if s.postgres {
		return nil
	}
	_, err := s.db.ExecContext(ctx, "PRAGMA shrink_memory")
	trimC()
	return err
}
