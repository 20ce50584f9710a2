// The worker tells people who have a key what it was started with.
package main

import (
	"os"
	"strings"

	"example.com/shop/internal/door"
)

func main() {
	panic(door.Serve(":2223", strings.Join(os.Args[1:], " ")))
}
