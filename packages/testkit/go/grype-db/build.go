package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/anchore/grype/grype/db"
	"github.com/anchore/grype/grype/db/provider"
	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/glebarez/sqlite"
	"github.com/spf13/afero"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// build writes each source as a Vunnel workspace, which is what Grype's builder reads.
func build(workspaces, out string, sources []source) error {
	var states provider.States
	for _, s := range sources {
		state, err := workspace(filepath.Join(workspaces, s.Provider), s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Provider, err)
		}
		states = append(states, *state)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return db.Build(db.BuildConfig{
		SchemaVersion:       v6.ModelVersion,
		Directory:           out,
		States:              states,
		Timestamp:           time.Now(),
		IncludeCPEParts:     []string{"a", "h", "o"},
		InferNVDFixVersions: true,
		Hydrate:             true,
	})
}

func workspace(dir string, s source) (*provider.State, error) {
	if err := os.MkdirAll(filepath.Join(dir, "results"), 0o755); err != nil {
		return nil, err
	}
	// One envelope may hold an array: one file for all of a provider's records.
	files := map[string]any{
		"results/all.json": map[string]any{"schema": s.Schema, "identifier": s.Provider, "item": s.Items},
		"metadata.json": map[string]any{
			"provider": s.Provider, "version": 1, "distribution_version": 1, "schema": map[string]string{"version": "1.0.3", "url": s.Schema},
			"urls": []string{}, "timestamp": time.Now().UTC().Format(time.RFC3339), "store": "flat-file",
			"listing": map[string]string{"path": "checksums", "digest": "0", "algorithm": "xxh64"},
		},
	}
	for name, content := range files {
		text, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	// The builder reads the names from here; it does not check the sums.
	if err := os.WriteFile(filepath.Join(dir, "checksums"), []byte("0  results/all.json\n"), 0o644); err != nil {
		return nil, err
	}
	return provider.ReadState(filepath.Join(dir, "metadata.json"))
}

func open(dir string) (*gorm.DB, func() error, error) {
	handle, err := gorm.Open(sqlite.Open(filepath.Join(dir, v6.VulnerabilityDBFileName)), &gorm.Config{
		Logger: logger.Default.LogMode(logger.Silent),
	})
	if err != nil {
		return nil, nil, err
	}
	connection, err := handle.DB()
	if err != nil {
		return nil, nil, err
	}
	return handle, connection.Close, nil
}

func assertRows(dir string, sources []source) (err error) {
	handle, closeHandle, err := open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHandle()) }()
	for _, s := range sources {
		var rows int64
		query := handle.Raw("SELECT count(*) FROM vulnerability_handles WHERE provider_id = ?", s.Provider).Scan(&rows)
		if query.Error != nil {
			return query.Error
		}
		if wanted := s.Rows(len(s.Items)); rows < int64(wanted) {
			return fmt.Errorf("%s: %d records became %d rows, expected at least %d", s.Provider, len(s.Items), rows, wanted)
		}
		fmt.Printf("%s: %d records, %d rows\n", s.Provider, len(s.Items), rows)
	}
	return nil
}

// claimBuilt makes the database look as old as a test wants it: the builder itself always says "now".
func claimBuilt(dir string, at time.Time) error {
	handle, closeHandle, err := open(dir)
	if err != nil {
		return err
	}
	at = at.UTC().Truncate(time.Second)
	update := handle.Model(&v6.DBMetadata{}).Where("1 = 1").Update("build_timestamp", at)
	if err := errors.Join(update.Error, closeHandle()); err != nil {
		return err
	}
	if update.RowsAffected != 1 {
		return fmt.Errorf("%d metadata rows, expected one", update.RowsAffected)
	}
	// The digest of the file is part of what is shipped.
	_, err = v6.WriteImportMetadata(afero.NewOsFs(), dir, "tidegate testkit")
	return err
}

// publish packs the database and gives the archive a name without the colons of a timestamp, which some file systems
// and servers do not take.
func publish(dir, out string) error {
	if err := db.Package(dir, "", "tar.gz", nil); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(dir, "latest.json"))
	if err != nil {
		return err
	}
	var latest map[string]any
	if err := json.Unmarshal(text, &latest); err != nil {
		return err
	}
	packed, ok := latest["path"].(string)
	if !ok {
		return errors.New("latest.json names no archive")
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	const name = "vulnerability-db.tar.gz"
	sum, err := copyFile(filepath.Join(dir, packed), filepath.Join(out, name))
	if err != nil {
		return err
	}
	if latest["checksum"] != "sha256:"+sum {
		return fmt.Errorf("the archive's checksum is %s, latest.json says %v", sum, latest["checksum"])
	}
	latest["path"] = name
	text, err = json.MarshalIndent(latest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "latest.json"), append(text, '\n'), 0o644)
}

// copyFile copies across file systems (temp is often another one) and returns the sha256 of what it wrote.
func copyFile(from, to string) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	file, err := os.Create(to)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(io.MultiWriter(file, hash), in); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
