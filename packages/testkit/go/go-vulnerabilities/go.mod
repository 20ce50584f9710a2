// The public Go vulnerability database (its data folder). Nothing is compiled: `go mod download` fetches it and go.sum
// pins it. `go mod tidy` would drop the requirement: do not run it here.
module github.com/tidegate/tidegate/packages/testkit/go/go-vulnerabilities

go 1.26

require golang.org/x/vulndb v0.0.0-20261105234957-e22db6528018
