// The API says hello to people who know the password.
package main

import (
	"fmt"
	"net/http"

	"golang.org/x/crypto/bcrypt"
)

func main() {
	hash, err := bcrypt.GenerateFromPassword([]byte("an example"), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil {
			fmt.Fprintln(w, "hello")
		}
	})
	panic(http.ListenAndServe(":8080", nil))
}
