// Command proxy-rules prints which proxy Go's own reader of HTTP_PROXY, HTTPS_PROXY and NO_PROXY chooses. Our reader is
// compared with it. Its argument is a file with
// a JSON array of cases; it prints a JSON array of answers in the same order.
package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
)

type proxyCase struct {
	URL string `json:"url"`
	// The whole environment.
	Env map[string]string `json:"env"`
}

type answer struct {
	// Empty: no proxy.
	Proxy string `json:"proxy"`
	// Go refuses the address of the proxy, or the URL.
	Error string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: proxy-rules FILE")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	var cases []proxyCase
	if err == nil {
		err = json.Unmarshal(text, &cases)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "proxy-rules:", err)
		os.Exit(1)
	}
	answers := make([]answer, 0, len(cases))
	for _, one := range cases {
		answers = append(answers, read(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fmt.Fprintln(os.Stderr, "proxy-rules:", err)
		os.Exit(1)
	}
}

func read(one proxyCase) answer {
	target, err := url.Parse(one.URL)
	if err != nil {
		return answer{Error: err.Error()}
	}
	os.Clearenv()
	for name, value := range one.Env {
		if err := os.Setenv(name, value); err != nil {
			return answer{Error: err.Error()}
		}
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(target)
	switch {
	case err != nil:
		return answer{Error: err.Error()}
	case proxy == nil:
		return answer{}
	}
	return answer{Proxy: proxy.String()}
}
