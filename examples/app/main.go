// Command guestbook is a guest book behind HTTP: everyone reads it, and who has a token writes in it.
//
//	guestbook          serve on :8080
//	guestbook -check   ask the one that is running how it is (for HEALTHCHECK)
//
// GUESTBOOK_SECRET is the key that tokens are signed with (HS256), at least 32 bytes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const address = ":8080"

func main() {
	check := flag.Bool("check", false, "ask the running server how it is")
	file := flag.String("file", "/var/lib/guestbook/entries.jsonl", "where entries are kept")
	flag.Parse()

	run := func() error { return serve(*file, []byte(os.Getenv("GUESTBOOK_SECRET"))) }
	if *check {
		run = healthy
	}
	if err := run(); err != nil {
		slog.Error("guestbook ends", "error", err)
		os.Exit(1)
	}
}

func serve(file string, secret []byte) error {
	if len(secret) < 32 {
		return errors.New("GUESTBOOK_SECRET needs 32 bytes or more")
	}
	book, err := openBook(file)
	if err != nil {
		return err
	}
	defer book.Close()

	server := &http.Server{
		Addr:              address,
		Handler:           handler(book, secret),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	slog.Info("guestbook serves", "address", address)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return server.Shutdown(grace)
	}
}

func healthy() error {
	client := http.Client{Timeout: 2 * time.Second}
	answer, err := client.Get("http://127.0.0.1" + address + "/healthz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("answered %s", answer.Status)
	}
	return nil
}
