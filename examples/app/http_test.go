package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

var secret = []byte("a secret of thirty-two bytes, at least")

func token(t *testing.T, method jwt.SigningMethod, key any, expires time.Time) string {
	t.Helper()
	claims := jwt.RegisteredClaims{Subject: "ada", ExpiresAt: jwt.NewNumericDate(expires)}
	text, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestOnlyAValidTokenWrites(t *testing.T) {
	later, earlier := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	tests := map[string]struct {
		authorization string
		status        int
	}{
		"a valid token":       {"Bearer " + token(t, jwt.SigningMethodHS256, secret, later), http.StatusCreated},
		"an expired token":    {"Bearer " + token(t, jwt.SigningMethodHS256, secret, earlier), http.StatusUnauthorized},
		"another key":         {"Bearer " + token(t, jwt.SigningMethodHS256, []byte("another"), later), http.StatusUnauthorized},
		"no algorithm at all": {"Bearer " + token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, later), http.StatusUnauthorized},
		"no token":            {"", http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "entries.jsonl")
			book, err := openBook(file)
			if err != nil {
				t.Fatal(err)
			}
			defer book.Close()
			request := httptest.NewRequest("POST", "/entries", strings.NewReader(`{"text": "Here I was."}`))
			request.Header.Set("Authorization", test.authorization)
			response := httptest.NewRecorder()
			handler(book, secret).ServeHTTP(response, request)
			if response.Code != test.status {
				t.Fatalf("status %d, expected %d: %s", response.Code, test.status, response.Body)
			}
			kept, err := readEntries(file)
			if err != nil {
				t.Fatal(err)
			}
			if written := len(kept) == 1 && kept[0].Name == "ada"; written != (test.status == http.StatusCreated) {
				t.Fatalf("the file holds %v", kept)
			}
		})
	}
}
