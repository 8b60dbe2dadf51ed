package store

// Pragma runs a statement on the one connection of a SQLite file, so that a
// test can make it refuse writes as a full disk or a read-only one does.
func (s *Store) Pragma(statement string) error {
	_, err := s.db.Exec(statement)
	return err
}
