package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Entry is one line of the book, and of its file.
type Entry struct {
	Name string    `json:"name"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Book keeps entries in memory and appends each to a file of JSON lines.
type Book struct {
	mu      sync.RWMutex
	entries []Entry
	file    *os.File
}

func openBook(name string) (*Book, error) {
	entries, err := readEntries(name)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &Book{entries: entries, file: file}, nil
}

func readEntries(name string) ([]Entry, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var entries []Entry
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var entry Entry
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// Add writes an entry to the file first: what readers see is what a restart brings back.
func (b *Book) Add(entry Entry) error {
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.file.Write(append(line, '\n')); err != nil {
		return err
	}
	b.entries = append(b.entries, entry)
	return nil
}

// Entries returns a copy, oldest first.
func (b *Book) Entries() []Entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return append([]Entry{}, b.entries...)
}

// Close closes the file.
func (b *Book) Close() error { return b.file.Close() }
