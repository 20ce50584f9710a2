module github.com/tidegate/tidegate/packages/testkit/go/archive-tar

go 1.26.8
