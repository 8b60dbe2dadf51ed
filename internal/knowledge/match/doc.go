// Package match reads a message: which intent, topic, provider, protocol,
// program, error code and cause it speaks of, and whether to answer, to ask
// back, or to stay silent. It learns from the utterances in a knowledge.Book
// when it is made and needs no other model.
package match
