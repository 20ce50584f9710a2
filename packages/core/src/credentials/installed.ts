/** Where distributions put software. `/usr/src/app`, `/go/src` and a web server's pages are an application's own. */
const BY_SYSTEM =
  /^\/(?:usr\/(?:local\/)?)?(?:lib|lib64|libexec)\/|^\/usr\/(?:local\/)?(?:go|share(?!\/nginx\/html\/))\/|^\/usr\/src\/(?:linux|kernels?|python|php|ruby|perl|redis|wordpress)[\w.-]{0,40}\//;
/** Where package managers put what an application uses. */
const BY_MANAGER =
  /\/(?:node_modules|site-packages|dist-packages|gems|vendor\/[^/]{1,200}\/[^/]{1,200}|go\/pkg\/mod|\.cargo\/registry|\.m2\/repository|lib\/(?:python|ruby|perl|jvm|erlang|node|go)[\w.-]{0,40})\//;
const INSTALLED = new RegExp(`${BY_SYSTEM.source}|${BY_MANAGER.source}`);
const TESTS =
  /\/(?:tests?|test[_-]?(?:data|utils?|only|fixtures?|keys|certs)|testing|functest|__tests__|specs?|fixtures|examples?|demos?|docs?|templates?)\//i;
/** Of the file's own name: `test_key.pem`, `server.test`, `gcs-fake-service-account.json`. */
const TEST = /(?:^|[_.-])(?:tests?|fake)(?:[_.-]|$)/i;
/** Go's own sources have keys of tests beside the code: `crypto/x509/platform_root_key.pem`. */
const GO = /^\/usr\/(?:local|lib|share)\/go(?:lang|-[0-9.]{1,10})?\/src\/|\/golang\.org\/toolchain@[^/]{1,100}\/src\//;

/** A page of documentation: `http_signing.md` in `http-signature`, on which `request` depends, shows a private key. */
const PAGE = /\.(?:md|mdx|markdown|rst|adoc|asciidoc)$/i;

/** Where software is installed, as opposed to where somebody puts an application of their own. */
export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

/**
 * A file of the tests or documentation of installed software: `/usr/lib/python3.13/test/certdata/keycert.pem`,
 * `/usr/local/go/src/crypto/tls/testdata/…`. Its keys are published with the software and open nothing.
 */
export function isPublishedTestFile(path: string): boolean {
  const folder = INSTALLED.exec(path);
  if (folder === null) return false;
  const below = path.slice(folder.index + folder[0].length - 1);
  const name = below.slice(below.lastIndexOf('/') + 1);
  return TESTS.test(below) || TEST.test(name) || PAGE.test(name) || GO.test(path);
}
