// Command dockerignore prints which paths of a build context BuildKit's client sends, given a .dockerignore file. Our
// reader is compared with it. Its argument is a file with a JSON array of cases; it prints a JSON array of answers in the
// same order.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing/fstest"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

type ignoreCase struct {
	Text string `json:"text"`
	// Files of the context.
	Paths []string `json:"paths"`
}

type answer struct {
	// The files that are sent.
	Sent []string `json:"sent"`
	// BuildKit refuses the file.
	Error string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dockerignore FILE")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	var cases []ignoreCase
	if err == nil {
		err = json.Unmarshal(text, &cases)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dockerignore:", err)
		os.Exit(1)
	}
	answers := make([]answer, 0, len(cases))
	for _, one := range cases {
		answers = append(answers, read(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, "dockerignore:", err)
		os.Exit(1)
	}
}

func read(one ignoreCase) answer {
	found := answer{Sent: []string{}}
	patterns, err := ignorefile.ReadAll(strings.NewReader(one.Text))
	if err != nil {
		return answer{Error: err.Error()}
	}
	filtered, err := fsutil.NewFilterFS(memory(one.Paths), &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return answer{Error: err.Error()}
	}
	err = filtered.Walk(context.Background(), "", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found.Sent = append(found.Sent, name)
		}
		return err
	})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return found
}

// A file system of empty files.
type memory []string

func (files memory) Walk(_ context.Context, _ string, visit fs.WalkDirFunc) error {
	tree := fstest.MapFS{}
	for _, name := range files {
		tree[name] = &fstest.MapFile{}
	}
	return fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name == "." {
			return nil
		}
		var mode uint32
		if entry.IsDir() {
			mode = uint32(os.ModeDir)
		}
		return visit(name, &fsutil.DirEntryInfo{Stat: &types.Stat{Path: name, Mode: mode}}, nil)
	})
}

func (files memory) Open(name string) (io.ReadCloser, error) {
	return nil, &fs.PathError{Op: "open", Path: path.Clean(name), Err: fs.ErrNotExist}
}
