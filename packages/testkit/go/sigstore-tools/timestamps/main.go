// Sigstore's timestamp authority on loopback. Its own `serve` also opens a port for metrics on every interface.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

func main() {
	port := flag.Int("port", 0, "port of 127.0.0.1 to listen on")
	key := flag.String("key", "", "the authority's private key, PEM")
	chain := flag.String("chain", "", "its certificate and those above it, PEM")
	flag.Parse()
	// What the server reads where its own flags would have put it.
	viper.Set("timestamp-signer", "file")
	viper.Set("timestamp-signer-hash", "sha256")
	viper.Set("file-signer-key-path", *key)
	viper.Set("certificate-chain-path", *chain)
	viper.Set("max-request-body-size", 1<<20)
	viper.Set("default-policy-oid", "1.3.6.1.4.1.57264.2")
	api := server.NewRestAPIServer("127.0.0.1", *port, []string{"http"}, false, 30*time.Second, 30*time.Second)
	log.Fatal(api.Serve())
}
