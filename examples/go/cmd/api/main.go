// The API says hello to people who have a key.
package main

import "example.com/shop/internal/door"

func main() {
	panic(door.Serve(":2222", "hello"))
}
