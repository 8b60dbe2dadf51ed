// Package store keeps what must outlive the process, and is the only package
// that speaks SQL: the knowledge as documents, what each thread is about,
// which messages are answered, what was found for domains, and how the
// knowledge's servers answered when they were last probed.
//
// [Open] makes bot.db if it is missing, brings its schema up to date
// (append-only list in migrations.go), and refuses a file that a newer program
// or another application made. A damaged database is set aside under another
// name and never deleted.
//
// A [Store] may be used concurrently, and several processes may use one
// bot.db; [Store.Serve] makes sure that only one of them serves chat platforms.
package store
