variable "VERSION" { default = "dev" }
variable "HOME" { default = "not a folder" }

group "default" { targets = ["api", "web"] }

target "_common" {
  args = { GO_VERSION = "1.26", TEMPLATE = "$${x} %%{y}" }
  labels = { "org.example.team" = "blue \"sky\"" }
}

target "api" {
  inherits = ["_common"]
  context = "services/api"
  dockerfile = "../api.Dockerfile"
  target = "final"
  contexts = { lib = "./lib", base = "docker-image://alpine:3.22" }
  tags = ["ghcr.io/acme/api:${VERSION}", "ghcr.io/acme/api:${HOME == "not a folder" ? "latest" : "leaked"}"]
  platforms = ["linux/amd64", "linux/arm64"]
  annotations = ["index,manifest:org.example.a=b=c"]
  cache-from = ["type=gha,scope=api"]
  cache-to = ["type=gha,mode=max,scope=api"]
  attest = ["type=provenance,mode=max", "type=sbom"]
  secret = ["id=npm,env=NPM_TOKEN"]
  output = ["type=registry"]
  extra-hosts = { db = "10.0.0.7" }
  ulimits = ["nofile=1024:2048"]
  shm-size = "128m"
  no-cache-filter = ["deps"]
  pull = true
  network = "none"
  entitlements = ["security.insecure"]
}

target "web" {
  context = "./services/web"
  no-cache = true
}

target "tool" {
  name = "tool-${arch}"
  matrix = { arch = ["a", "b"] }
  platforms = ["linux/${arch == "a" ? "amd64" : "arm64"}"]
}

target "linked" { contexts = { base = "target:web" } }
target "files" { output = ["type=local,dest=out"] }
