/**
 * Folders of distributions for software. `/usr/src/app`, `/go/src` and a web server's pages belong to an application.
 */
const BY_SYSTEM =
  /^\/(?:usr\/(?:local\/)?)?(?:lib|lib64|libexec)\/|^\/usr\/(?:local\/)?(?:go|share(?!\/nginx\/html\/))\/|^\/usr\/src\/(?:linux|kernels?|python|php|ruby|perl|redis|wordpress)[\w.-]{0,40}\//;
/** Folders of package managers for the dependencies of an application. */
const BY_MANAGER =
  /\/(?:node_modules|site-packages|dist-packages|gems|vendor\/[^/]{1,200}\/[^/]{1,200}|go\/pkg\/mod|\.cargo\/registry|\.m2\/repository|lib\/(?:python|ruby|perl|jvm|erlang|node|go)[\w.-]{0,40})\//;
const INSTALLED = new RegExp(`${BY_SYSTEM.source}|${BY_MANAGER.source}`);
const TESTS =
  /\/(?:tests?|test[_-]?(?:data|utils?|only|fixtures?|keys|certs)|testing|functest|__tests__|specs?|fixtures|examples?|demos?|docs?|templates?)\//i;
/** File names of tests: `test_key.pem`, `server.test`, `gcs-fake-service-account.json`. */
const TEST = /(?:^|[_.-])(?:tests?|fake)(?:[_.-]|$)/i;
/** Go's own sources contain test keys beside the code: `crypto/x509/platform_root_key.pem`. */
const GO = /^\/usr\/(?:local|lib|share)\/go(?:lang|-[0-9.]{1,10})?\/src\/|\/golang\.org\/toolchain@[^/]{1,100}\/src\//;

/** Pages of documentation: `http_signing.md` in `http-signature`, a dependency of `request`, shows a private key. */
const PAGE = /\.(?:md|mdx|markdown|rst|adoc|asciidoc)$/i;

/** Whether the path belongs to installed software, and not to the user's own application. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

/**
 * A file of the tests or documentation of installed software: `/usr/lib/python3.13/test/certdata/keycert.pem`,
 * `/usr/local/go/src/crypto/tls/testdata/…`. Its keys are published with the software and protect nothing.
 */
export function isPublishedTestFile(path: string): boolean {
  const folder = INSTALLED.exec(path);
  if (folder === null) return false;
  const below = path.slice(folder.index + folder[0].length - 1);
  const name = below.slice(below.lastIndexOf('/') + 1);
  return TESTS.test(below) || TEST.test(name) || PAGE.test(name) || GO.test(path);
}
