package knowledge

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed seed
var seedFiles embed.FS

// Seed returns the folder of facts that ship with the program.
func Seed() fs.FS {
	sub, err := fs.Sub(seedFiles, "seed")
	if err != nil {
		panic(err) // the directive above guarantees the folder
	}
	return sub
}

// The folders of a knowledge folder, in the order in which they are read.
const (
	dirProviders = "providers"
	dirClients   = "clients"
	dirCauses    = "causes"
	dirErrors    = "errors"
	dirArticles  = "articles"
)

// suffixes says which files of a folder are records.
var suffixes = map[string]string{
	dirProviders: ".yaml",
	dirClients:   ".yaml",
	dirCauses:    ".yaml",
	dirErrors:    ".yaml",
	dirArticles:  ".md",
}

// dirs lists the folders in reading order.
var dirs = []string{dirProviders, dirClients, dirCauses, dirErrors, dirArticles}

// maxFile bounds one file: 100,000 domains take about 2.5 MB.
const maxFile = 16 << 20

// listFiles returns the record files below fsys, sorted within each folder.
func listFiles(fsys fs.FS) ([]string, error) {
	var names []string
	for _, dir := range dirs {
		entries, err := fs.ReadDir(fsys, dir)
		if err != nil {
			if isNotExist(err) {
				continue
			}
			return nil, fmt.Errorf("read %s: %w", dir, err)
		}
		for _, e := range entries {
			if !e.IsDir() && path.Ext(e.Name()) == suffixes[dir] && !strings.HasPrefix(e.Name(), ".") {
				names = append(names, path.Join(dir, e.Name()))
			}
		}
	}
	return names, nil
}

// fileOffTopic holds the shipped examples of messages that deserve silence. It
// is no record, but what is learned from the knowledge depends on it.
const fileOffTopic = "offtopic.yaml"

// HashFS returns a hash over the names and bytes of the record files below
// fsys and of offtopic.yaml, without parsing them: two folders with the same
// hash load and teach alike. For the embedded seed it takes a few milliseconds.
func HashFS(fsys fs.FS) (string, error) {
	names, err := listFiles(fsys)
	if err != nil {
		return "", err
	}
	if _, err := fs.Stat(fsys, fileOffTopic); err == nil {
		names = append(names, fileOffTopic)
	}
	slices.Sort(names)
	h := sha256.New()
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s\x00%d\x00", name, len(data))
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
