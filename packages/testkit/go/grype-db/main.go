// Command grype-db builds a Grype v6 database from the public Go vulnerability data and a file of a few more public
// records, as a folder that any static server can offer to `grype db update`:
//
//	OUT/v6/latest.json
//	OUT/v6/vulnerability-db.tar.gz
//
// Flags:
//
//	-osv DIR       a folder of OSV records (golang.org/x/vulndb, data/osv); may be left out
//	-records FILE  more records, by provider (see records.json)
//	-built TIME    an RFC 3339 time to claim as the build's, for a database that is too old
//	-out DIR       must not hold a v6 folder yet
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	osv := flag.String("osv", "", "folder of OSV records")
	more := flag.String("records", "", "file of more records")
	built := flag.String("built", "", "claimed build time, RFC 3339")
	out := flag.String("out", "", "output folder")
	flag.Parse()
	if err := run(*osv, *more, *built, *out); err != nil {
		fmt.Fprintln(os.Stderr, "grype-db:", err)
		os.Exit(1)
	}
}

func run(osvDir, recordsFile, built, out string) error {
	if out == "" || (osvDir == "" && recordsFile == "") {
		return errors.New("-out and at least one of -osv and -records are needed")
	}
	// Package() changes the working directory: every path must be absolute before.
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	sources, err := readSources(osvDir, recordsFile)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "grype-db-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	db := filepath.Join(work, "db")
	if err := build(filepath.Join(work, "providers"), db, sources); err != nil {
		return err
	}
	if err := assertRows(db, sources); err != nil {
		return err
	}
	if built != "" {
		at, err := time.Parse(time.RFC3339, built)
		if err != nil {
			return fmt.Errorf("-built: %w", err)
		}
		if err := claimBuilt(db, at); err != nil {
			return err
		}
	}
	return publish(db, filepath.Join(out, "v6"))
}

// A source is one provider's records, in the order in which Grype's builder must see them.
type source struct {
	Provider string
	Schema   string
	Items    []json.RawMessage
	// Rows says how many vulnerability rows the records must have become at least: a schema URL that the builder does
	// not know drops every record without an error.
	Rows func(records int) int
}

func all(records int) int  { return records }
func none(records int) int { return 0 }

// The segment of the URL's path chooses the transformer; the version in its last part must be one it knows.
const schemas = "https://raw.githubusercontent.com/anchore/vunnel/main/schema/vulnerability/"

// The file of more records, each in the form in which Grype's builder takes that provider's.
type records struct {
	About  string            `json:"about"`
	NVD    []json.RawMessage `json:"nvd"`
	GitHub []json.RawMessage `json:"github"`
	// Distributions, each a provider of its own.
	OS   map[string][]json.RawMessage `json:"os"`
	KEV  []json.RawMessage            `json:"kev"`
	EPSS []json.RawMessage            `json:"epss"`
	EOL  []json.RawMessage            `json:"eol"`
}

func readRecords(file string) (extra records, err error) {
	if file == "" {
		return extra, nil
	}
	in, err := os.Open(file)
	if err != nil {
		return extra, err
	}
	defer in.Close()
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&extra); err != nil {
		return extra, fmt.Errorf("%s: %w", file, err)
	}
	return extra, nil
}

func readSources(osvDir, recordsFile string) ([]source, error) {
	extra, err := readRecords(recordsFile)
	if err != nil {
		return nil, err
	}
	golang, err := readFolder(osvDir)
	if err != nil {
		return nil, err
	}
	ordered := []source{
		// First: other providers' rows take their severity from these, by CVE.
		{Provider: "nvd", Schema: schemas + "nvd/schema-1.0.0.json", Items: extra.NVD, Rows: all},
		{Provider: "github", Schema: schemas + "github-security-advisory/schema-1.0.0.json", Items: extra.GitHub, Rows: all},
		// Withdrawn records, and those a GitHub advisory covers, make no row: most must.
		{Provider: "govulndb", Schema: schemas + "osv/schema-1.6.1.json", Items: golang, Rows: func(n int) int { return n * 9 / 10 }},
		// These decorate other rows by CVE and make none of their own.
		{Provider: "kev", Schema: schemas + "known-exploited/schema-1.0.0.json", Items: extra.KEV, Rows: none},
		{Provider: "epss", Schema: schemas + "epss/schema-1.0.0.json", Items: extra.EPSS, Rows: none},
	}
	for _, name := range slices.Sorted(maps.Keys(extra.OS)) {
		ordered = append(ordered, source{Provider: name, Schema: schemas + "os/schema-1.0.0.json", Items: extra.OS[name], Rows: all})
	}
	// Last: its records mark the releases that the others have brought.
	ordered = append(ordered, source{Provider: "eol", Schema: schemas + "eol/schema-1.0.0.json", Items: extra.EOL, Rows: none})
	var sources []source
	for _, s := range ordered {
		if len(s.Items) > 0 {
			sources = append(sources, s)
		}
	}
	return sources, nil
}

func readFolder(dir string) ([]json.RawMessage, error) {
	if dir == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "GO-*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s holds no GO-*.json", dir)
	}
	items := make([]json.RawMessage, 0, len(files))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		items = append(items, text)
	}
	return items, nil
}
