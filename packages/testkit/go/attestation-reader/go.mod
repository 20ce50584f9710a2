module github.com/tidegate/tidegate/packages/testkit/go/attestation-reader

go 1.26

require (
	github.com/in-toto/attestation v1.2.0
	github.com/openvex/go-vex v0.2.8
	google.golang.org/protobuf v1.36.11
)

require (
	github.com/kr/text v0.2.0 // indirect
	github.com/package-url/packageurl-go v0.1.5 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
