package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

const maxEntry = 4 << 10

func handler(book *Book, secret []byte) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /entries", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, book.Entries())
	})
	mux.HandleFunc("POST /entries", func(w http.ResponseWriter, r *http.Request) {
		name, err := visitor(r, secret)
		if err != nil {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a valid bearer token is needed", http.StatusUnauthorized)
			return
		}
		var entry Entry
		body := http.MaxBytesReader(w, r.Body, maxEntry)
		if err := json.NewDecoder(body).Decode(&entry); err != nil || strings.TrimSpace(entry.Text) == "" {
			http.Error(w, `expected {"text": "…"}`, http.StatusBadRequest)
			return
		}
		entry.Name, entry.At = name, time.Now().UTC()
		if err := book.Add(entry); err != nil {
			slog.Error("an entry is lost", "error", err)
			http.Error(w, "the entry could not be kept", http.StatusInternalServerError)
			return
		}
		answer(w, http.StatusCreated, entry)
	})
	return mux
}

// visitor is the subject of the request's token.
func visitor(r *http.Request, secret []byte) (string, error) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return "", errors.New("no bearer token")
	}
	var claims jwt.RegisteredClaims
	key := func(*jwt.Token) (any, error) { return secret, nil }
	// The method is named: a token does not choose how it is checked.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}))
	if _, err := parser.ParseWithClaims(text, &claims, key); err != nil {
		return "", err
	}
	if claims.Subject == "" || claims.ExpiresAt == nil {
		return "", errors.New("a token needs a subject and an expiry")
	}
	return claims.Subject, nil
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("an answer was cut off", "error", err)
	}
}
