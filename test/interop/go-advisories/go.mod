module example.com/advisories

go 1.26

require (
	filippo.io/age v1.2.0
	github.com/Azure/go-ntlmssp v0.1.0
	github.com/Masterminds/goutils v1.1.0
	github.com/antchfx/xmlquery v1.3.0
	github.com/buger/jsonparser v0.0.0-20191204142016-1a29609e0929
	github.com/dvsekhvalnov/jose2go v1.5.0
	github.com/expr-lang/expr v1.16.9
	github.com/free5gc/aper v1.0.4
	github.com/go-chi/chi/v5 v5.2.3
	github.com/go-jose/go-jose/v3 v3.0.3
	github.com/go-jose/go-jose/v4 v4.0.4
	github.com/go-viper/mapstructure/v2 v2.3.0
	github.com/golang-jwt/jwt/v4 v4.5.0
	github.com/golang/glog v1.2.3
	github.com/gookit/goutil v0.6.6
	github.com/gorilla/csrf v1.7.3
	github.com/gorilla/schema v1.4.0
	github.com/gorilla/websocket v1.5.3
	github.com/graphql-go/graphql v0.8.0
	github.com/hashicorp/go-retryablehttp v0.7.6
	github.com/hashicorp/go-slug v0.4.3
	github.com/ipfs/go-bitfield v1.0.0
	github.com/justinas/nosurf v1.1.0
	github.com/klauspost/compress v1.18.6
	github.com/malfunkt/iprange v0.9.0
	github.com/microcosm-cc/bluemonday v1.0.15
	github.com/miekg/dns v1.0.3
	github.com/moby/spdystream v0.5.0
	github.com/moby/sys/user v0.4.0
	github.com/nyaruka/phonenumbers v1.2.1
	github.com/openshift/osin v1.0.1
	github.com/pandatix/go-cvss v0.3.0
	github.com/pion/dtls v1.5.1
	github.com/rs/cors v1.10.1
	github.com/satori/go.uuid v1.2.1-0.20180103161547-0ef6afb2f6cd
	github.com/shamaton/msgpack v1.2.1
	github.com/slack-go/slack v0.23.0
	github.com/square/go-jose v1.0.3
	github.com/tidwall/gjson v1.6.3
	github.com/vbatts/tar-split v0.10.1
	github.com/vektah/gqlparser v1.3.1
	github.com/wneessen/go-mail v0.7.0
	golang.org/x/oauth2 v0.26.0
	gopkg.in/yaml.v2 v2.2.2
	gopkg.in/yaml.v3 v3.0.1
	mellium.im/sasl v0.3.0
	rsc.io/pdf v0.1.1
)

require (
	github.com/antchfx/xpath v1.1.10 // indirect
	github.com/antonfisher/nested-logrus-formatter v1.3.1 // indirect
	github.com/aymerick/douceur v0.2.0 // indirect
	github.com/golang/groupcache v0.0.0-20200121045136-8c9f03a8e57e // indirect
	github.com/google/uuid v1.0.0 // indirect
	github.com/gorilla/css v1.0.0 // indirect
	github.com/gorilla/securecookie v1.1.2 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/pborman/uuid v1.2.1 // indirect
	github.com/pion/logging v0.2.1 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/sirupsen/logrus v1.8.1 // indirect
	github.com/tidwall/match v1.0.1 // indirect
	github.com/tidwall/pretty v1.0.2 // indirect
	golang.org/x/crypto v0.25.0 // indirect
	golang.org/x/net v0.21.0 // indirect
	golang.org/x/sys v0.22.0 // indirect
	golang.org/x/text v0.29.0 // indirect
	google.golang.org/protobuf v1.31.0 // indirect
)
