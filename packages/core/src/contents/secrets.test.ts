import { describe, expect, test } from '@jest/globals';
import { instructionOf } from './history.ts';
import { secretsIn, secretsInConfig, withoutSecrets } from './secrets.ts';

// Assembled here, so that no scanner of the repository finds a token in this file.
const rnd = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE'.repeat(4);
const key = (label: string) =>
  `-----BEGIN ${label}PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n-----END ${label}PRIVATE KEY-----\n`;

const TOKENS: readonly (readonly [what: string, token: string])[] = [
  ['AWS access key', `AKIA${'Q7ZT3LMW2XVB2KCR'}`],
  ['AWS access key', `ASIA${'Q7ZT3LMW2XVB2KCR'}`],
  ['GitHub token', `ghp_${rnd.slice(0, 36)}`],
  ['GitHub token', `ghs_${rnd.slice(0, 36)}`],
  ['GitHub token', `github_pat_${rnd.slice(0, 22)}_${rnd.slice(0, 59)}`],
  ['GitLab token', `glpat-${rnd.slice(0, 20)}`],
  ['Slack token', `xoxb-${'904857'}-${rnd.slice(0, 24)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T${'02AB9CD'}/B${'07XY3ZW'}/${rnd.slice(0, 24)}`],
  ['Stripe key', `sk_live_${rnd.slice(0, 24)}`],
  ['npm token', `npm_${rnd.slice(0, 36)}`],
  ['PyPI token', `pypi-AgEI${rnd.slice(0, 60)}`],
  ['Docker Hub token', `dckr_pat_${rnd.slice(0, 27)}`],
  ['DigitalOcean token', `dop_v1_${'9f3a7c21b8e4d605'.repeat(4)}`],
  ['Vault token', `hvs.${rnd.slice(0, 24)}`],
  ['SendGrid key', `SG.${rnd.slice(0, 22)}.${rnd.slice(0, 43)}`],
  ['Anthropic key', `sk-ant-${rnd.slice(0, 40)}`],
  ['OpenAI key', `sk-proj-${rnd.slice(0, 40)}`],
  ['Google OAuth secret', `GOCSPX-${rnd.slice(0, 28)}`],
  ['Azure storage key', `AccountKey=${rnd.slice(0, 86)}==`],
  ['age key', `AGE-SECRET-KEY-1${'Q7ZT3LMW2XVB2KCRF7YDHS5JPAE4NGUU6TNEQ7ZT3LMW2XVB2KCRF7YDHS'}`],
];

describe('a token is found by its form', () => {
  test.each(TOKENS)('%s', (what, token) => {
    expect(secretsIn('/app/config.txt', Buffer.from(`first\nvalue = "${token}"\n`))).toEqual([{ what, line: 2 }]);
    expect(secretsInConfig(`{"config":{"Env":["A=${token}"]}}`)).toEqual([{ what }]);
    expect(withoutSecrets(`RUN use ${token} now`)).not.toContain(token.slice(-12));
  });

  test.each(['', 'RSA ', 'EC ', 'DSA ', 'OPENSSH ', 'ENCRYPTED '])(
    'a %sprivate key, also with its lines escaped',
    (label) => {
      const found = [{ what: 'private key', line: 1 }];
      expect(secretsIn('/etc/tls.key', Buffer.from(key(label)))).toEqual(found);
      expect(secretsIn('/app/account.json', Buffer.from(JSON.stringify({ key: key(label) })))).toEqual(found);
      expect(secretsIn('/etc/tls.key', Buffer.from(key(label).replaceAll('\n', '\r\n')))).toEqual(found);
    },
  );

  test('a key with headers of its own', () => {
    const text = key('RSA ').replace('-----\nMII', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMII');
    expect(secretsIn('/k.pem', Buffer.from(text))).toEqual([{ what: 'private key', line: 1 }]);
  });

  test.each([
    ['a program that reads keys', 'if (line == "-----BEGIN RSA PRIVATE KEY-----") { parse(); }'],
    ['a public key', key('').replaceAll('PRIVATE', 'PUBLIC')],
    ['a certificate', key('').replaceAll('PRIVATE KEY', 'CERTIFICATE')],
    ["AWS' own example", 'AKIAIOSFODNN7EXAMPLE'],
    ['a token of one character', `ghp_${'x'.repeat(36)}`],
    ['a token of documentation', 'ghp_1234567890abcdefghijklmnopqrstuvwxyz'],
    ['a token that is too short', `ghp_${rnd.slice(0, 20)}`],
    ['a longer word', `xghp_${rnd.slice(0, 36)}`],
    ['a longer token-like word', `ghp_${rnd.slice(0, 60)}`],
    ['a name of npm', 'npm_config_registry=https://registry.example.org/'],
  ])('%s is none', (_, text) => {
    expect(secretsIn('/app/file', Buffer.from(text))).toEqual([]);
  });

  test('in UTF-16 of either order, which PowerShell writes', () => {
    const bytes = (order: 'le' | 'be', text: string) => {
      const little = Buffer.from(`\uFEFF${text}`, 'utf16le');
      return order === 'le' ? little : little.swap16();
    };
    for (const order of ['le', 'be'] as const) {
      const found = [{ what: 'GitHub token', line: 2 }];
      const token = `first\r\nvalue = "ghp_${rnd.slice(0, 36)}"\r\n`;
      expect(secretsIn('/app/settings.txt', bytes(order, token))).toEqual(found);
      // A file that ends in the middle of a character.
      expect(secretsIn('/app/settings.txt', Buffer.concat([bytes(order, token), Buffer.from('x')]))).toEqual(found);
      expect(secretsIn('/app/.env', bytes(order, 'DB_PASSWORD=q8Zt3LmW\r\n'))).toEqual([
        { what: 'value of DB_PASSWORD', line: 1 },
      ]);
    }
    expect(secretsIn('/app/short', Buffer.from([0xfe, 0xff, 0x41]))).toEqual([]);
  });

  test('a binary file is not searched, one whose NUL comes late is', () => {
    const token = TOKENS[2]?.[1] ?? '';
    expect(secretsIn('/app/program', Buffer.from(`\0ELF ${token}`))).toEqual([]);
    expect(secretsIn('/app/text', Buffer.from(`${token}\n${' '.repeat(9000)}\0`))).toHaveLength(1);
  });
});

const variable = (name: string) => `$\{${name}}`;

/** Files that are secrets by their name and content; the good twin has the same name, but no secret content. */
const FILES: readonly (readonly [path: string, bad: string, good: string, what: string])[] = [
  ['/app/.git/HEAD', 'ref: refs/heads/main\n', '', 'git repository'],
  ['/app/.env', 'DB_URL=postgres://u:p@db\n', '# DB_URL=\nDB_URL=\n', 'password in an address'],
  ['/app/.env.production', 'export API_KEY="v9"\n', `API_KEY=${variable('KEY')}\nKEY=v\n`, 'value of API_KEY'],
  ['/app/.env.local', 'PORT=1\n API_KEY = v9 # why\n', 'PORT=3000\nAPI_KEY=changeme\n', 'value of API_KEY'],
  ['/app/.env', '\uFEFFPGPASSWORD=v9\n', '\uFEFFPGPASSWORD=\n', 'value of PGPASSWORD'],
  ['/app/.env-prod', 'PGPASSWORD=v9\n', 'PGPASSWORD=\n', 'value of PGPASSWORD'],
  ['/app/.env_local', 'PGPASSWORD=v9\n', 'PGPASSWORD=\n', 'value of PGPASSWORD'],
  ['/app/.env', 'PORT=1\r\nPGPASSWORD=v9\r\n', 'PORT=1\r\nPGPASSWORD=\r\n', 'value of PGPASSWORD'],
  ['/usr/src/app/.env', 'PGPASSWORD=v9\n', 'PGPASSWORD=\nPGUSER=v9\n', 'value of PGPASSWORD'],
  ['/usr/share/nginx/html/.env', 'DB_USER=a\nDB_PASS=v9\n', 'DB_USER=v9\nDB_PASS=v9\n', 'value of DB_PASS'],
  [
    '/root/.npmrc',
    '//r.example.org/:_authToken=abc\n',
    `//r.example.org/:_authToken=${variable('NPM_TOKEN')}\nsave-exact=true\n`,
    'npm credentials',
  ],
  ['/root/.yarnrc.yml', 'npmAuthToken: "abc"\n', `npmAuthToken: "${variable('T')}"\n`, 'yarn credentials'],
  ['/root/.docker/config.json', '{"auths":{"r":{"auth":"dTpw"}}}', '{"credsStore":"x"}', 'registry credentials'],
  ['/root/.dockercfg', '{"r":{"auth":"dTpw"}}', '{}', 'registry credentials'],
  ['/root/.pypirc', '[pypi]\npassword = x\n', '[pypi]\nusername = x\n', 'PyPI credentials'],
  ['/root/.netrc', 'machine h login u password p\n', 'machine h login u\n', 'netrc credentials'],
  ['/root/.aws/credentials', 'aws_secret_access_key = x\n', '[default]\n', 'AWS credentials'],
  ['/root/.kube/config', 'users:\n- user:\n    token: abc\n', 'clusters: []\n', 'Kubernetes credentials'],
  ['/root/.git-credentials', 'https://u:p@h\n', 'https://h\n', 'git credentials'],
  ['/x/application_default_credentials.json', '{"refresh_token":"x"}', '{}', 'Google credentials'],
  ['/root/.cargo/credentials.toml', 'token = "x"\n', '[registry]\n', 'Cargo credentials'],
  ['/root/.gem/credentials', ':rubygems_api_key: x\n', '---\n', 'RubyGems credentials'],
  [
    '/root/.m2/settings.xml',
    '<password>x</password>',
    `<password>${variable('env.P')}</password>`,
    'Maven credentials',
  ],
  ['/root/.config/gh/hosts.yml', '  oauth_token: x\n', 'user: x\n', 'GitHub CLI credentials'],
  ['/root/.pgpass', 'h:5432:d:u:p\n', '# h:5432:d:u:p\n', 'PostgreSQL passwords'],
  ['/etc/ssl/server.p12', 'x', '', 'key store'],
];

describe('a file is known by its name and what it holds', () => {
  test.each(FILES)('%s', (path, bad, good, what) => {
    expect(secretsIn(path, Buffer.from(bad)).map((one) => one.what)).toContain(what);
    expect(secretsIn(path, Buffer.from(good))).toEqual([]);
  });

  test.each([
    '/app/node_modules/bottleneck/.env',
    '/usr/lib/python3/dist-packages/x/.env',
    '/var/www/html/vendor/acme/mailer/.env',
  ])('%s came with a package: its values are published', (path) => {
    expect(secretsIn(path, Buffer.from('REDIS_HOST=127.0.0.1\nAPI_KEY=v9\n'))).toEqual([]);
    expect(secretsIn(path, Buffer.from(`API_KEY=${TOKENS[2]?.[1]}\n`))).toEqual([{ what: 'GitHub token', line: 1 }]);
  });

  test.each([
    '/app/.env.example',
    '/app/.env.sample',
    '/app/.env-example',
    '/app/.env_sample',
    '/app/env',
    '/app/git/HEAD',
    '/app/config.json',
  ])('%s is none', (path) => {
    expect(secretsIn(path, Buffer.from('API_KEY=v9\n"auth":"dTpwdw"'))).toEqual([]);
  });
});

describe('a password in an address', () => {
  const address = 'postgres://app:hunter2@db.internal/app';
  test.each([
    ['/app/config.json', `{"database":"${address}"}`],
    ['/etc/app/settings.yml', `url: ${address}\n`],
    ['/srv/prod.properties', `jdbc.url=${address}\n`],
    ['/etc/app/settings.yml', 'url: postgres://app:hunt$r2*@db\n'],
    ['/app/.env-prod', `URL=${address}\n`],
  ])('is found in %s', (path, text) => {
    expect(secretsIn(path, Buffer.from(text)).map(({ what }) => what)).toEqual(['password in an address']);
  });
  test.each([
    ['in the software that an application uses', '/app/node_modules/pg/config.json', address],
    ['in a program', '/app/server.js', address],
    ['that documentation writes', '/etc/app.conf', 'proxy = http://user:password@proxy:8080\nother = http://me:me@x'],
    ['that a mask hides in part', '/etc/app.conf', 'proxy = http://app:hu****@proxy:8080\n'],
    ['that a variable holds', '/app/config.yml', 'url: postgres://app:$PW@db\n'],
    ['that a template leaves open', '/app/config.yml', `url: postgres://app:x${variable('PW')}@db\n`],
    ['that a variable with braces holds', '/app/config.yml', `url: postgres://app:${variable('PW')}@db\n`],
  ])('%s is none', (_, path, text) => expect(secretsIn(path, Buffer.from(text))).toEqual([]));
});

describe('a key of the tests or documentation of installed software is published, and no secret', () => {
  test.each([
    '/usr/local/lib/python3.13/test/certdata/keycert.pem',
    '/usr/lib/python3/dist-packages/twisted/test/server.pem',
    '/usr/local/go/src/crypto/tls/testdata/example-key.pem',
    '/usr/local/go/src/net/http/internal/testcert/key_test.go',
    '/root/go/pkg/mod/golang.org/x/net@v0.1.0/http2/testdata/key.pem',
    '/app/node_modules/https-proxy/test/ssl-cert-snakeoil.key',
    '/usr/local/bundle/gems/puma-6.0.0/examples/puma/puma_keypair.pem',
    '/usr/share/doc/libssl-doc/demos/server.pem',
    '/app/node_modules/http-signature/http_signing.md',
    '/usr/local/go/src/crypto/x509/platform_root_key.pem',
    '/usr/lib/go-1.19/src/crypto/x509/platform_root_key.pem',
    '/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.26.10.linux-amd64/src/crypto/x509/platform_root_key.pem',
    '/go/pkg/mod/github.com/hashicorp/vault/api@v1.22.0/test-fixtures/keys/pkioutput',
    '/go/pkg/mod/github.com/google/trillian@v1.7.1/testonly/keys.go',
    '/go/pkg/mod/github.com/spf13/afero@v1.12.0/gcsfs/gcs-fake-service-account.json',
    '/usr/share/cmake-3.25/Templates/Windows/Windows_TemporaryKey.pem',
    '/opt/conda/lib/python3.12/site-packages/tornado/test/test.key',
  ])('%s', (path) => expect(secretsIn(path, Buffer.from(key('RSA ')))).toEqual([]));
  test.each([
    '/app/test/fixtures/key.pem',
    '/app/README.md',
    '/go/src/app/key.pem',
    '/usr/local/go/key.pem',
    '/app/templates/key.pem',
    '/app/lib/test/key.pem',
    '/etc/ssl/private/server.key',
    '/usr/local/lib/python3.13/site-packages/acme/prod.key',
    '/usr/lib/acme/key.pem',
  ])('%s is one all the same', (path) => expect(secretsIn(path, Buffer.from(key('RSA ')))).toHaveLength(1));
});

describe("an image's config", () => {
  const found = (config: object) => secretsInConfig(JSON.stringify(config)).map(({ what }) => what);
  const inEnv = (...Env: readonly string[]) => found({ config: { Env } });
  const inHistory = (created_by: string) => found({ history: [{ created_by }] });

  test.each<[string, readonly string[], readonly string[]]>([
    ['a variable', ['DB_PASSWORD=correct-horse'], ['value of DB_PASSWORD']],
    ['a variable in lower case', ['db_password=hunter2'], ['value of db_password']],
    ['a value with blanks', ['DB_PASSWORD=correct horse battery staple'], ['value of DB_PASSWORD']],
    ['a password in an address', ['DATABASE_URL=postgres://app:PW@db/app'], ['password in an address']],
    ['where a secret will be found', ['TOKEN=/run/secrets/token', 'API_KEY=https://vault.example.org'], []],
    ['its file', ['DB_PASSWORD_FILE=/run/secrets/db'], []],
    ['a mask', ['API_TOKEN=****', 'B_TOKEN=xxxxxxxx', 'C_TOKEN=<token>', 'D_TOKEN={{ token }}'], []],
    ['the name of something', ['CSRF_TOKEN=X-CSRF-Token', 'PASSWORD_SECRET=db-password'], []],
    ['an empty one, a switch, a reference', ['A_TOKEN=', 'B_TOKEN=none', 'C_TOKEN=$D_TOKEN_VALUE'], []],
    ['an address without a password', ['A_URL=https://app@db/x', 'B_URL=https://db:5432/x@y'], []],
    ['a key that others are checked with', ['GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D'], []],
  ])('%s', (_, Env, expected) => expect(inEnv(...Env)).toEqual(expected));

  test.each([
    ['RUN |1 NPM_TOKEN=s3cr3t-s3cr3t /bin/sh -c npm ci # buildkit', ['value of NPM_TOKEN']],
    ['RUN |2 db_password=correct horse battery X=1 /bin/sh -c true # buildkit', ['value of db_password']],
    ['RUN |1 db_password=pw /bin/bash -o pipefail -c true # buildkit', ['value of db_password']],
    ['RUN |1 API_VERSION=1 /bin/sh -c true # buildkit', []],
    ['ENV DB_PASSWORD=two words', ['value of DB_PASSWORD']],
    ['/bin/sh -c #(nop)  ENV DB_PASSWORD=hunter2', ['value of DB_PASSWORD']],
    ['RUN /bin/sh -c export API_TOKEN="s3cr3t s3cr3t" && x', ['value of API_TOKEN']],
    ['RUN /bin/sh -c TOKEN=$(cat /run/secrets/token) make', []],
    ['RUN /bin/sh -c curl postgres://app:hunter2@db/', ['password in an address']],
  ])('history %j', (createdBy, expected) => expect(inHistory(createdBy)).toEqual(expected));

  test('labels, and texts anywhere else', () => {
    expect(found({ config: { Labels: { 'acme.api-key': 'abcd1234' } } })).toEqual(['value of acme.api-key']);
    expect(found({ config: { Cmd: ['run', `--token=${TOKENS[2]?.[1]}`] } })).toEqual(['GitHub token']);
    expect(secretsInConfig('{ no JSON, ENV DB_PASSWORD=hunter22')).toEqual([{ what: 'value of DB_PASSWORD' }]);
  });

  test.each([
    ['RUN |2 NPM_TOKEN=s3cr3t-s3cr3t X=1 /bin/sh -c npm ci # buildkit', 'RUN npm ci'],
    ['RUN /bin/sh -c curl -H SECRET_TOKEN=s3cr3t-s3cr3t x # buildkit', 'RUN curl -H SECRET_TOKEN=*** x'],
    ['RUN |1 X=1 /bin/bash -o pipefail -c curl x | sh # buildkit', 'RUN curl x | sh'],
    ['RUN |1 DB_PASSWORD=two words sh script # buildkit', 'RUN |1 DB_PASSWORD=***'],
    ['ENV DB_PASSWORD=correct horse X=1', 'ENV DB_PASSWORD=*** X=1'],
    ['ENV DATABASE_URL=postgres://app:hunter2@db/app', 'ENV DATABASE_URL=postgres***b/app'],
    ['COPY /a /b # buildkit', 'COPY /a /b'],
    ['/bin/sh -c #(nop) ADD file:0a1b in / ', 'ADD file:0a1b in /'],
    ['/bin/sh -c apt-get update', 'RUN apt-get update'],
    ['RUN ["/app", "x"]', 'RUN ["/app", "x"]'],
    ['bazel build ...', 'bazel build ...'],
  ])('history %j reads %j', (createdBy, expected) => {
    expect(instructionOf(createdBy)).toBe(expected);
  });
});
