module github.com/tidegate/tidegate/packages/testkit/go/proxy-rules

go 1.26.8

require golang.org/x/net v0.58.0

require golang.org/x/text v0.41.0 // indirect
