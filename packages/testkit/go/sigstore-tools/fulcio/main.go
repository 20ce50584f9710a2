// Fulcio's certificate authority over HTTP, on the one address that is given.
// Its own `serve` also opens a port for metrics on every interface of the machine: not in a test.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	ctclient "github.com/google/certificate-transparency-go/client"
	"github.com/google/certificate-transparency-go/jsonclient"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/sigstore/fulcio/pkg/ca/fileca"
	"github.com/sigstore/fulcio/pkg/config"
	"github.com/sigstore/fulcio/pkg/generated/protobuf"
	fulciolog "github.com/sigstore/fulcio/pkg/log"
	"github.com/sigstore/fulcio/pkg/server"
	v1 "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore/pkg/signature"
	"google.golang.org/grpc/metadata"
)

func main() {
	address := flag.String("address", "", "host:port to listen on")
	configPath := flag.String("config", "", "Fulcio's configuration: the issuers")
	cert := flag.String("cert", "", "the authority's certificate, PEM")
	key := flag.String("key", "", "its private key, encrypted PEM")
	logURL := flag.String("ct-log-url", "", "the certificate transparency log")
	logKey := flag.String("ct-log-key", "", "its public key, PEM")
	flag.Parse()
	// Through the environment: arguments are for all to read.
	if err := serve(*address, *configPath, *cert, *key, os.Getenv("CA_PASSWORD"), *logURL, *logKey); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func serve(address, configPath, cert, key, password, logURL, logKey string) error {
	fulciolog.ConfigureLogger("prod")
	issuers, err := config.Load(configPath)
	if err != nil {
		return err
	}
	authority, err := fileca.NewFileCA(cert, key, password, false)
	if err != nil {
		return err
	}
	algorithms, err := signature.NewAlgorithmRegistryConfig([]v1.PublicKeyDetails{
		v1.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256, v1.PublicKeyDetails_PKIX_ECDSA_P384_SHA_384, v1.PublicKeyDetails_PKIX_ED25519,
	})
	if err != nil {
		return err
	}
	logKeyPEM, err := os.ReadFile(logKey)
	if err != nil {
		return err
	}
	ct, err := ctclient.New(logURL, &http.Client{Timeout: 30 * time.Second}, jsonclient.Options{PublicKey: string(logKeyPEM)})
	if err != nil {
		return err
	}
	// cosign sends its token as a header, others in the body.
	routes := runtime.NewServeMux(runtime.WithMetadata(func(_ context.Context, r *http.Request) metadata.MD {
		return metadata.Pairs(server.MetadataOIDCTokenKey, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}))
	certificates := server.NewGRPCCAServer(ct, authority, algorithms, server.NewIssuerPool(issuers))
	background := context.Background()
	if err := protobuf.RegisterCAHandlerServer(background, routes, certificates); err != nil {
		return err
	}
	configured := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routes.ServeHTTP(w, r.WithContext(config.With(r.Context(), issuers)))
	})
	api := http.Server{Addr: address, Handler: configured, ReadHeaderTimeout: time.Minute}
	return api.ListenAndServe()
}
