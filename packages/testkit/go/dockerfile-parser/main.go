// Command dockerfile-parser prints what BuildKit's own parser reads in Dockerfiles: one JSON document a line, in the
// order of its arguments. It is what our parser is held against.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

type heredoc struct {
	Name    string `json:"name"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
	Content string `json:"content"`
}

type instruction struct {
	Keyword   string       `json:"keyword"`
	Flags     []string     `json:"flags"`
	Arguments []string     `json:"arguments"`
	JSON      bool         `json:"json"`
	StartLine int          `json:"startLine"`
	EndLine   int          `json:"endLine"`
	Heredocs  []heredoc    `json:"heredocs"`
	Onbuild   *instruction `json:"onbuild,omitempty"`
}

type stage struct {
	Name      string `json:"name"`
	Base      string `json:"base"`
	Platform  string `json:"platform"`
	StartLine int    `json:"startLine"`
	// Keywords of what the stage holds: tells which instruction belongs to which stage.
	Commands []string `json:"commands"`
}

type document struct {
	File         string        `json:"file"`
	Error        string        `json:"error,omitempty"`
	Escape       string        `json:"escape,omitempty"`
	Syntax       string        `json:"syntax,omitempty"`
	Instructions []instruction `json:"instructions,omitempty"`
	// What BuildKit refuses after parsing, and then there are no stages to compare.
	StageError string  `json:"stageError,omitempty"`
	Stages     []stage `json:"stages,omitempty"`
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err == nil {
			err = encoder.Encode(read(file, text))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "dockerfile-parser:", err)
			os.Exit(1)
		}
	}
}

func read(file string, text []byte) document {
	syntax, _, _, _ := parser.DetectSyntax(text)
	result, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return document{File: file, Error: err.Error()}
	}
	out := document{File: file, Escape: string(result.EscapeToken), Syntax: syntax}
	for _, node := range result.AST.Children {
		out.Instructions = append(out.Instructions, describe(node))
	}
	stages, _, err := instructions.Parse(result.AST, nil)
	if err != nil {
		out.StageError = err.Error()
		return out
	}
	for _, one := range stages {
		described := stage{Name: one.Name, Base: one.BaseName, Platform: one.Platform, Commands: []string{}}
		if len(one.Location) > 0 {
			described.StartLine = one.Location[0].Start.Line
		}
		for _, command := range one.Commands {
			described.Commands = append(described.Commands, strings.ToUpper(command.Name()))
		}
		out.Stages = append(out.Stages, described)
	}
	return out
}

func describe(node *parser.Node) instruction {
	out := instruction{
		Keyword: strings.ToUpper(node.Value), Flags: node.Flags, Arguments: []string{}, JSON: node.Attributes["json"],
		StartLine: node.StartLine, EndLine: node.EndLine, Heredocs: []heredoc{},
	}
	if out.Flags == nil {
		out.Flags = []string{}
	}
	for next := node.Next; next != nil; next = next.Next {
		if len(next.Children) > 0 {
			inner := describe(next.Children[0])
			out.Onbuild = &inner
			continue
		}
		out.Arguments = append(out.Arguments, next.Value)
	}
	for _, one := range node.Heredocs {
		out.Heredocs = append(out.Heredocs, heredoc{one.Name, one.Expand, one.Chomp, one.Content})
	}
	return out
}
