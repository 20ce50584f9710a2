// Command advisories links one function of each module that an advisory of the Go vulnerability database names, at a
// version that it calls vulnerable. It is built to be scanned and not to be run.
package main

import (
	"fmt"
	"os"

	p0 "filippo.io/age/plugin"
	p1 "github.com/Azure/go-ntlmssp"
	p2 "github.com/Masterminds/goutils"
	p3 "github.com/antchfx/xmlquery"
	p4 "github.com/buger/jsonparser"
	p5 "github.com/dvsekhvalnov/jose2go"
	p6 "github.com/expr-lang/expr/parser"
	p7 "github.com/free5gc/aper"
	p8 "github.com/go-chi/chi/v5/middleware"
	p9 "github.com/go-jose/go-jose/v3"
	p10 "github.com/go-jose/go-jose/v4"
	p11 "github.com/go-viper/mapstructure/v2"
	p12 "github.com/golang-jwt/jwt/v4"
	p13 "github.com/golang/glog"
	p14 "github.com/gookit/goutil/fsutil"
	p15 "github.com/gorilla/csrf"
	p16 "github.com/gorilla/schema"
	p17 "github.com/gorilla/websocket"
	p18 "github.com/graphql-go/graphql/language/parser"
	p19 "github.com/hashicorp/go-retryablehttp"
	p20 "github.com/hashicorp/go-slug"
	p21 "github.com/ipfs/go-bitfield"
	p22 "github.com/justinas/nosurf"
	p23 "github.com/klauspost/compress/s2"
	p24 "github.com/malfunkt/iprange"
	p25 "github.com/microcosm-cc/bluemonday"
	p26 "github.com/miekg/dns"
	p27 "github.com/moby/spdystream"
	p28 "github.com/moby/sys/user"
	p29 "github.com/nyaruka/phonenumbers"
	p30 "github.com/openshift/osin"
	p31 "github.com/pandatix/go-cvss/20"
	p32 "github.com/pion/dtls"
	p33 "rsc.io/pdf"
	p34 "mellium.im/sasl"
	p35 "github.com/vbatts/tar-split/tar/asm"
	p36 "github.com/rs/cors"
	p37 "github.com/wneessen/go-mail"
	p38 "github.com/shamaton/msgpack"
	p39 "github.com/vektah/gqlparser/parser"
	p40 "golang.org/x/oauth2/jws"
	p41 "github.com/slack-go/slack"
	p42 "github.com/satori/go.uuid"
	p43 "github.com/tidwall/gjson"
	p44 "gopkg.in/yaml.v2"
	p45 "gopkg.in/yaml.v3"
	p46 "github.com/square/go-jose/cipher"
)

func main() {
	if len(os.Args) < 99 {
		return
	}
	// Printing takes every function's address, so that the linker keeps it.
	fmt.Println([]any{
		p0.EncodeIdentity,
		p1.ProcessChallenge,
		p2.CryptoRandomAlphaNumeric,
		p3.LoadURL,
		p4.Delete,
		p5.Compress,
		p6.Parse,
		p7.GetBitString,
		p8.RedirectSlashes,
		p9.ParseDetached,
		p10.ParseEncrypted,
		p11.StringToBoolHookFunc,
		p12.Parse,
		p13.Error,
		p14.Unzip,
		p15.TrustedOrigins,
		p16.NewDecoder,
		p17.NewClient,
		p18.Parse,
		p19.Get,
		p20.Unpack,
		p21.FromBytes,
		p22.VerifyToken,
		p23.NewDict,
		p24.Parse,
		p25.UGCPolicy,
		p26.ActivateAndServe,
		p27.NewConnection,
		p28.CurrentGroup,
		p29.ContainsOnlyValidXChars,
		p30.CheckClientSecret,
		p31.ParseVector,
		p32.Client,
		p33.NewReader,
		p34.NewClient,
		p35.NewInputTarStream,
		p36.AllowAll,
		p37.EMLToMsgFromFile,
		p38.DecodeStructAsArray,
		p39.ParseQuery,
		p40.Verify,
		p41.NewSecretsVerifier,
		p42.NewV1,
		p43.Get,
		p44.Unmarshal,
		p45.Unmarshal,
		p46.DeriveECDHES,
	}...)
}
