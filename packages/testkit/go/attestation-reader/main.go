// Reads documents as those who publish their formats do: in-toto statements and the SLSA predicates in them by
// in-toto's own protobuf definitions, with unknown fields refused, and OpenVEX by go-vex. Each argument is
// `statement:PATH` or `openvex:PATH`; on stdout stands a JSON list with what is wrong with each, empty where nothing is.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	provenance "github.com/in-toto/attestation/go/predicates/provenance/v1"
	vsa "github.com/in-toto/attestation/go/predicates/vsa/v1"
	attestation "github.com/in-toto/attestation/go/v1"
	"github.com/openvex/go-vex/pkg/vex"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// Most messages know when they are not complete; the verification summary does not.
type checked interface {
	Validate() error
}

func main() {
	wrong := []string{}
	for _, argument := range os.Args[1:] {
		kind, path, _ := strings.Cut(argument, ":")
		err := read(kind, path)
		if err == nil {
			wrong = append(wrong, "")
			continue
		}
		wrong = append(wrong, err.Error())
	}
	if err := json.NewEncoder(os.Stdout).Encode(wrong); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(kind, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	switch kind {
	case "statement":
		return readStatement(content)
	case "openvex":
		return readVex(content)
	}
	return fmt.Errorf("there is no kind %q", kind)
}

func readStatement(content []byte) error {
	statement := &attestation.Statement{}
	if err := readAs(content, statement); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	withoutExtensions(statement.Predicate)
	predicate, err := protojson.Marshal(statement.Predicate)
	if err != nil {
		return err
	}
	switch statement.PredicateType {
	case "https://slsa.dev/provenance/v1":
		err = readAs(predicate, &provenance.Provenance{})
	case "https://slsa.dev/verification_summary/v1":
		err = readAs(predicate, &vsa.VerificationSummary{})
	}
	if err != nil {
		return fmt.Errorf("predicate %s: %w", statement.PredicateType, err)
	}
	return nil
}

// SLSA's "Extension fields": a name with the tool's prefix and an underscore is not one of the format's own.
func withoutExtensions(fields *structpb.Struct) {
	for name, value := range fields.GetFields() {
		if strings.HasPrefix(name, "buildkit_") || strings.HasPrefix(name, "tidegate_") {
			delete(fields.Fields, name)
			continue
		}
		withoutExtensions(value.GetStructValue())
	}
}

func readAs(content []byte, message proto.Message) error {
	if err := protojson.Unmarshal(content, message); err != nil {
		return err
	}
	if known, ok := message.(checked); ok {
		return known.Validate()
	}
	return nil
}

func readVex(content []byte) error {
	document, err := vex.Parse(content)
	if err != nil {
		return err
	}
	for at := range document.Statements {
		if err := document.Statements[at].Validate(); err != nil {
			return fmt.Errorf("statement %d: %w", at+1, err)
		}
	}
	return nil
}
