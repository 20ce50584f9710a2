/** Where software is installed, as opposed to where somebody puts an application of their own. */
const INSTALLED =
  /^\/(?:usr\/(?:local\/)?)?(?:lib|lib64|libexec|share|go|src)\/|\/(?:node_modules|site-packages|dist-packages|gems|go\/pkg\/mod|\.cargo\/registry|lib\/(?:python|ruby|perl|jvm|erlang|node|go)[\w.-]{0,40})\//;
const TESTS =
  /\/(?:tests?|testdata|testing|test_data|__tests__|specs?|fixtures|examples?|demos?|docs?)\/|\/(?:[^/]{0,200}[_.-])?tests?(?:[_.-][^/]{0,200})?$/i;

export function isInstalled(path: string): boolean {
  return INSTALLED.test(path);
}

/**
 * A file of the tests or documentation of installed software: `/usr/lib/python3.13/test/certdata/keycert.pem`,
 * `/usr/local/go/src/crypto/tls/testdata/…`. Its keys are published with the software and open nothing.
 */
export function isPublishedTestFile(path: string): boolean {
  const folder = INSTALLED.exec(path);
  return folder !== null && TESTS.test(path.slice(folder.index + folder[0].length - 1));
}
