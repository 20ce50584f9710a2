// Command archive-tar prints what Go's archive/tar, which unpacks layers in containerd and BuildKit, reads in archives.
// Our reader is compared with it. Its argument is a file of archives, each after its length in eight bytes (big endian);
// it prints one JSON document an archive, in the same order.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

type entry struct {
	// Bytes, in base64.
	Name []byte `json:"name"`
	Link []byte `json:"link"`
	Type string `json:"type"`
	// The lowest twelve bits.
	Mode int64 `json:"mode"`
	Size int64 `json:"size"`
	// Of the content, with the holes of a sparse file.
	SHA256 []byte `json:"sha256"`
}

type document struct {
	Entries []entry `json:"entries"`
	Error   string  `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: archive-tar FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "archive-tar:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	archives := bufio.NewReaderSize(opened, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		var length uint64
		if err := binary.Read(archives, binary.BigEndian, &length); errors.Is(err, io.EOF) {
			return out.Flush()
		} else if err != nil {
			return err
		}
		archive := make([]byte, length)
		if _, err := io.ReadFull(archives, archive); err != nil {
			return err
		}
		if err := encoder.Encode(read(archive)); err != nil {
			return err
		}
	}
}

func read(archive []byte) document {
	found := document{Entries: []entry{}}
	// Not bytes.Reader itself: layers come from a decompressor, which can't seek.
	reader := tar.NewReader(struct{ io.Reader }{bytes.NewReader(archive)})
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			found.Error = err.Error()
			return found
		}
		hash := sha256.New()
		if _, err := io.Copy(hash, reader); err != nil {
			found.Error = err.Error()
			return found
		}
		found.Entries = append(found.Entries, entry{
			Name: []byte(header.Name), Link: []byte(header.Linkname), Type: string(header.Typeflag),
			Mode: header.Mode & 0o7777, Size: header.Size, SHA256: hash.Sum(nil),
		})
	}
}
