// The worker hashes what it is given.
package main

import (
	"fmt"
	"os"

	"golang.org/x/crypto/bcrypt"
)

func main() {
	for _, word := range os.Args[1:] {
		hash, err := bcrypt.GenerateFromPassword([]byte(word), bcrypt.MinCost)
		fmt.Println(string(hash), err)
	}
}
