import { describe, expect, test } from '@jest/globals';
import { entriesIn } from '../files.ts';
import { formatOf } from '../formats.ts';

/** `lodash 4.17.20 at 5`, with `direct` or `via express`. */
function read(path: string, text: string, beside: Readonly<Record<string, string>> = {}): readonly string[] {
  const others = Object.entries(beside).map(([path, text]) => ({ path, text }));
  return entriesIn([{ path, text }, ...others]).map(({ name, version = '?', path: found, line, direct, via }) =>
    [
      `${name} ${version} at ${found === path ? '' : `${found}:`}${line}`,
      ...(direct ? ['direct'] : []),
      ...(via ? [`via ${via}`] : []),
    ].join(', '),
  );
}

const npm = (packages: object, lockfileVersion = 3) =>
  JSON.stringify({ name: 'app', version: '9.9.9', lockfileVersion, requires: true, packages }, null, 2);

describe('package-lock.json', () => {
  test('says which packages the project requires, and which of them requires the others', () => {
    const text = npm({
      '': { name: 'app', version: '9.9.9', dependencies: { express: '^4' }, devDependencies: { jest: '^29' } },
      'node_modules/express': { version: '4.17.0', dependencies: { qs: '6.7.0', debug: '2' } },
      'node_modules/express/node_modules/qs': { version: '6.7.0' },
      'node_modules/jest': { version: '29.0.0', dependencies: { qs: '6.9.0' } },
      'node_modules/qs': { version: '6.9.0' },
      'node_modules/@acme/odd': { name: '@real/odd', version: '1.0.0' },
    });
    expect(read('package-lock.json', text)).toEqual(
      [
        'app 9.9.9 at 1',
        'express 4.17.0 at 17, direct',
        'qs 6.7.0 at 24, via express',
        'jest 29.0.0 at 27, direct',
        'qs 6.9.0 at 33, via jest',
        '@acme/odd 1.0.0 at 36',
      ].slice(1),
    );
  });

  test('of workspaces', () => {
    const text = npm({
      '': { workspaces: ['web'] },
      web: { version: '1.0.0', dependencies: { react: '18' } },
      'web/node_modules/react': { version: '18.0.0', dependencies: { loose: '1' } },
      'node_modules/loose': { version: '1.0.0' },
    });
    expect(read('npm-shrinkwrap.json', text)).toEqual([
      'web 1.0.0 at 12',
      'react 18.0.0 at 18, direct',
      'loose 1.0.0 at 24, via react',
    ]);
  });

  test('of lockfileVersion 1 does not say', () => {
    const text = JSON.stringify({ lockfileVersion: 1, dependencies: { lodash: { version: '4.17.20' } } }, null, 2);
    expect(read('package-lock.json', text)).toEqual(['lodash 4.17.20 at 4']);
  });

  test('of nested folders is read in time that grows with its length', () => {
    const text = (size: number) => {
      const names = Object.fromEntries(Array.from({ length: size }, (_, at) => [`name-${at}`, '1']));
      const deep = 'node_modules/a/'.repeat(size).slice(0, -1);
      // A name that is a path leads into the innermost folder at once.
      const path = deep.slice('node_modules/'.length);
      return npm({ '': { dependencies: { [path]: '1' } }, [deep]: { version: '1.0.0', dependencies: names } });
    };
    const time = (size: number) => {
      const given = text(size);
      const start = performance.now();
      read('package-lock.json', given);
      return performance.now() - start;
    };
    time(100);
    expect(time(600)).toBeLessThan(5 * Math.max(time(300), 30));
  });

  test('leaves out keys and names that no package has', () => {
    const long = 'x'.repeat(1001);
    const text = npm({
      '': { dependencies: { [long]: '1', a: '1' } },
      'node_modules/a': { version: '1.0.0' },
      [`node_modules/${long}`]: { version: '1.0.0', dependencies: { b: '1' } },
      'node_modules/b': { version: '1.0.0' },
    });
    expect(read('package-lock.json', text).filter((entry) => !entry.startsWith(long))).toEqual([
      'a 1.0.0 at 13, direct',
      'b 1.0.0 at 22',
    ]);
  });

  test.each(['', '{', '[]', 'null', '{"packages": [1, null]}', '{"packages": {"": null}}'])(
    '%j names nothing',
    (text) => expect(read('package-lock.json', text)).toEqual([]),
  );
});

test.each<[string, string, readonly string[]]>([
  [
    'yarn.lock',
    '# yarn lockfile v1\n\n"@babel/core@^7.0.0", "@babel/core@^7.1.0":\n  version "7.1.2"\n  resolved "x"\n\nlodash@^4.17.15:\n  version "4.17.20"\n  dependencies:\n    version "1"\n',
    ['@babel/core 7.1.2 at 3', 'lodash 4.17.20 at 7'],
  ],
  [
    'yarn.lock',
    '__metadata:\n  version: 8\n\n"lodash@npm:^4.17.15":\n  version: 4.17.20\n  resolution: "lodash@npm:4.17.20"\n',
    ['lodash 4.17.20 at 4'],
  ],
  [
    'pnpm-lock.yaml',
    "importers:\n  .:\n\npackages:\n\n  '@babel/core@7.1.2':\n    resolution: {}\n\n  lodash@4.17.20:\n    x: y\n\nsnapshots:\n  lodash@4.17.20: {}\n  other@1.0.0:\n",
    ['@babel/core 7.1.2 at 6', 'lodash 4.17.20 at 9'],
  ],
  [
    'pnpm-lock.yaml',
    'packages:\n  /@acme/tool/1.0.0_react@17.0.2:\n    dev: true\n  /lodash/4.17.20:\n  /zod@3.0.0(react@18.2.0):\n',
    ['@acme/tool 1.0.0 at 2', 'lodash 4.17.20 at 4', 'zod 3.0.0 at 5'],
  ],
  [
    'api/poetry.lock',
    '[[package]]\nname = "Jinja2"\nversion = "2.11.2"\ndescription = "x"\n\n[package.dependencies]\nname = "no"\n\n[[package]]\nname = "flask"\nversion = "1.0"\n',
    ['Jinja2 2.11.2 at 2', 'flask 1.0 at 10'],
  ],
  ['uv.lock', 'version = 1\n\n[[package]]\nname = "idna"\nversion = "3.6"\n', ['idna 3.6 at 4']],
  ['Cargo.lock', 'version = 3\n\n[[package]]\r\nname = "time"\r\nversion = "0.1.42"\r\n', ['time 0.1.42 at 4']],
  [
    'requirements.txt',
    '# comment\nFlask==2.0.0 ; python_version > "3"\nrequests[security] >= 2.0\n-r other.txt\nurllib3==1.26.4 \\\n    --hash=sha256:x\n    # via requests\njinja2==2.11.2  # via flask, other\nwerkzeug == 1.0\n    # via\n    #   flask\n    #   other\nclick==7.0\n    # via -r requirements.in\n',
    [
      'Flask 2.0.0 at 2',
      'requests ? at 3',
      'urllib3 1.26.4 at 5, via requests',
      'jinja2 2.11.2 at 8, via flask',
      'werkzeug 1.0 at 9, via flask',
      'click 7.0 at 13, direct',
    ],
  ],
  ['requirements/base.txt', 'django===3.1\n', ['django 3.1 at 1']],
  ['requirements-dev.txt', 'django~=3.1\n', ['django ? at 1']],
  [
    'Pipfile.lock',
    JSON.stringify({ default: { flask: { hashes: ['sha256:x'], version: '==2.0.0' } } }, null, 4),
    ['flask 2.0.0 at 3'],
  ],
  [
    'go.mod',
    'module example.com/app\n\ngo 1.22\n\nrequire golang.org/x/text v0.3.7\n\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n)\nreplace a.b/c v1.0.0 => a.b/d v1.2.0\nexclude x.y/z v1.0.0\n',
    ['golang.org/x/text v0.3.7 at 5, direct', 'golang.org/x/net v0.1.0 at 8', 'a.b/d v1.2.0 at 10, direct'],
  ],
  [
    'pom.xml',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a property of Maven
    '<project>\n<artifactId>app</artifactId>\n<version>1</version>\n<properties>\n<log4j.version>2.14.0</log4j.version>\n</properties>\n<dependency>\n<groupId>org.apache.logging.log4j</groupId>\n<artifactId>log4j-core</artifactId>\n<version>${log4j.version}</version>\n</dependency>\n<dependency>\n<groupId>g</groupId>\n<artifactId>plain</artifactId>\n<version>1.0</version>\n<exclusions><exclusion>\n<artifactId>no</artifactId>\n</exclusion></exclusions>\n</dependency>\n<dependency>\n<groupId>g</groupId>\n<artifactId>managed</artifactId>\n</dependency>\n</project>\n',
    [
      'org.apache.logging.log4j:log4j-core 2.14.0 at 5, direct',
      'g:plain 1.0 at 15, direct',
      'g:managed ? at 22, direct',
    ],
  ],
  [
    'build.gradle.kts',
    'dependencies {\n  // old:old:1\n  implementation("org.apache.logging.log4j:log4j-core:2.14.0")\n  implementation(platform("a.b:bom"))\n  url = "https://example.com:80/x"\n}\n',
    ['org.apache.logging.log4j:log4j-core 2.14.0 at 3', 'a.b:bom ? at 4'],
  ],
  ['gradle.lockfile', '# x\ng:a:1.0=compileClasspath\nempty=\n', ['g:a 1.0 at 2']],
  [
    'Gemfile.lock',
    'GEM\n  specs:\n    rails (6.0.0)\n      rack (~> 2.0)\n    rack (2.0.1)\n    nokogiri (1.13.0-x86_64-linux)\n\nDEPENDENCIES\n  rails (~> 6.0)\n  nokogiri!\n',
    ['rails 6.0.0 at 3, direct', 'rack 2.0.1 at 5', 'nokogiri 1.13.0-x86_64-linux at 6, direct'],
  ],
  [
    'composer.lock',
    '{\n    "packages": [\n        {\n            "name": "symfony/http-kernel",\n            "version": "v5.0.0",\n            "authors": [{\n                "name": "x"\n            }]\n',
    ['symfony/http-kernel v5.0.0 at 4'],
  ],
  [
    'packages.lock.json',
    JSON.stringify(
      {
        version: 1,
        dependencies: {
          'net8.0': {
            'Newtonsoft.Json': { type: 'Direct', requested: '[12.0.1, )', resolved: '12.0.1' },
            Old: { type: 'Transitive', resolved: '1.0.0' },
          },
        },
      },
      null,
      2,
    ),
    ['Newtonsoft.Json 12.0.1 at 5, direct', 'Old 1.0.0 at 10'],
  ],
])('%s', (path, text, expected) => expect(read(path, text)).toEqual(expected));

describe('the project requires, or one of the packages that it requires,', () => {
  test.each<[string, string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'yarn.lock',
      'express@^4:\n  version "4.0.0"\n  dependencies:\n    qs "6.7.0"\n    "@acme/x" "^1"\n\n"@acme/x@^1", "@acme/x@^1.2":\n  version "1.2.0"\n\nqs@6.7.0:\n  version "6.7.0"\n\nqs@^6.9:\n  version "6.9.0"\n\nlone@1:\n  version "1.0.0"\n',
      { 'package.json': JSON.stringify({ dependencies: { express: '^4' }, devDependencies: { qs: '^6.9' } }) },
      [
        'express 4.0.0 at 1, direct',
        '@acme/x 1.2.0 at 7, via express',
        'qs 6.7.0 at 10, via express',
        'qs 6.9.0 at 13, direct',
        'lone 1.0.0 at 16',
      ],
    ],
    [
      'web/yarn.lock',
      'qs@6.7.0:\n  version "6.7.0"\n',
      { 'package.json': '{"dependencies":{"qs":"6.7.0"}}' },
      ['qs 6.7.0 at 1'],
    ],
    [
      'yarn.lock',
      'qs@6.7.0:\n  version "6.7.0"\n',
      { 'package.json': '{"workspaces":["a"],"dependencies":{"qs":"6.7.0"}}' },
      ['qs 6.7.0 at 1'],
    ],
    ['yarn.lock', 'qs@6.7.0:\n  version "6.7.0"\n', { 'package.json': '{' }, ['qs 6.7.0 at 1']],
    [
      'yarn.lock',
      '"app@workspace:.":\n  version: 0.0.0-use.local\n  dependencies:\n    express: "npm:^4"\n  languageName: unknown\n\n"express@npm:^4":\n  version: 4.0.0\n  dependencies:\n    qs: 6.7.0\n  peerDependencies:\n    no: 1\n\n"qs@npm:6.7.0":\n  version: 6.7.0\n\n"no@npm:1":\n  version: 1.0.0\n',
      {},
      ['app 0.0.0-use.local at 1', 'express 4.0.0 at 7, direct', 'qs 6.7.0 at 14, via express', 'no 1.0.0 at 17'],
    ],
    [
      'pnpm-lock.yaml',
      "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      express:\n        specifier: ^4\n        version: 4.0.0(peer@1.0.0)\n      alias:\n        specifier: npm:real@1\n        version: real@1.0.0\n\n  web:\n    devDependencies:\n      '@acme/x':\n        specifier: ^1\n        version: 1.2.0\n      lib:\n        specifier: workspace:*\n        version: link:../lib\n\npackages:\n\n  '@acme/x@1.2.0':\n    resolution: {integrity: a}\n\n  express@4.0.0:\n    resolution: {integrity: a}\n    peerDependencies:\n      peer: '1'\n\n  qs@6.7.0:\n    resolution: {integrity: a}\n\n  real@1.0.0:\n    resolution: {integrity: a}\n\nsnapshots:\n\n  '@acme/x@1.2.0': {}\n\n  express@4.0.0(peer@1.0.0):\n    dependencies:\n      qs: 6.7.0\n    transitivePeerDependencies:\n      - supports-color\n",
      {},
      [
        '@acme/x 1.2.0 at 25, direct',
        'express 4.0.0 at 28, direct',
        'qs 6.7.0 at 33, via express',
        'real 1.0.0 at 36, direct',
      ],
    ],
    [
      'pnpm-lock.yaml',
      "lockfileVersion: '6.0'\n\ndependencies:\n  express:\n    specifier: ^4\n    version: 4.0.0\n\npackages:\n\n  /express@4.0.0:\n    resolution: {}\n    dependencies:\n      qs: 6.7.0\n      other: /real@1.0.0\n    dev: false\n\n  /qs@6.7.0:\n    resolution: {}\n\n  /real@1.0.0:\n    resolution: {}\n",
      {},
      ['express 4.0.0 at 10, direct', 'qs 6.7.0 at 17, via express', 'real 1.0.0 at 20, via express'],
    ],
    [
      'pnpm-lock.yaml',
      'lockfileVersion: 5.4\n\nspecifiers:\n  express: ^4\n\ndependencies:\n  express: 4.0.0_peer@1.0.0\n\npackages:\n\n  /express/4.0.0_peer@1.0.0:\n    dependencies:\n      qs: 6.7.0\n\n  /qs/6.7.0:\n    dev: false\n',
      {},
      ['express 4.0.0 at 11, direct', 'qs 6.7.0 at 15, via express'],
    ],
    [
      'api/poetry.lock',
      '[[package]]\nname = "flask"\nversion = "1.0"\nfiles = [\n    {file = "a", hash = "b"},\n]\n\n[package.dependencies]\nJinja2 = {version = ">=2.10"}\n"zope.interface" = "*"\n\n[package.extras]\ndotenv = ["click"]\n\n[[package]]\nname = "jinja2"\nversion = "2.11"\n\n[[package]]\nname = "Zope-Interface"\nversion = "5.0"\n\n[[package]]\nname = "click"\nversion = "7.0"\n\n[[package]]\nname = "pytest"\nversion = "6.0"\n\n[metadata]\nlock-version = "2.0"\n',
      {
        'api/pyproject.toml':
          '[tool.poetry]\nname = "app"\n\n[tool.poetry.dependencies]\npython = "^3.10"\nFlask = "^1.0"\n\n[tool.poetry.group.dev.dependencies]\npytest = { version = "6" }\n\n[tool.other]\nclick = "1"\n',
      },
      [
        'flask 1.0 at 2, direct',
        'jinja2 2.11 at 16, via flask',
        'Zope-Interface 5.0 at 20, via flask',
        'click 7.0 at 24',
        'pytest 6.0 at 28, direct',
      ],
    ],
    [
      'pdm.lock',
      '[[package]]\nname = "flask"\nversion = "1.0"\ndependencies = [\n    "click>=5; python_version > \'3\'",\n]\n\n[[package]]\nname = "click"\nversion = "7.0"\n\n[[package]]\nname = "requests"\nversion = "2.0"\n',
      {
        'pyproject.toml':
          '[project]\nname = "app"\ndependencies = [\n  "flask[async]>=1",\n]\nclassifiers = [\n  "click",\n]\n\n[dependency-groups]\ndev = ["requests[security]"]\n',
      },
      ['flask 1.0 at 2, direct', 'click 7.0 at 9, via flask', 'requests 2.0 at 13, direct'],
    ],
    [
      'uv.lock',
      'version = 1\n\n[[package]]\nname = "app"\nversion = "0.1.0"\nsource = { virtual = "." }\ndependencies = [\n    { name = "flask" },\n]\n\n[package.dev-dependencies]\ndev = [\n    { name = "pytest" },\n]\n\n[package.metadata]\nrequires-dist = [\n    { name = "lone" },\n]\n\n[[package]]\nname = "flask"\nversion = "1.0"\nsource = { registry = "https://index.example/simple" }\ndependencies = [\n    { name = "click", version = "7.0", source = { registry = "x" } },\n]\n\n[[package]]\nname = "click"\nversion = "7.0"\nsource = { registry = "x" }\n\n[[package]]\nname = "click"\nversion = "8.0"\nsource = { registry = "x" }\n\n[[package]]\nname = "pytest"\nversion = "6.0"\nsource = { registry = "x" }\n\n[[package]]\nname = "lone"\nversion = "1.0"\nsource = { registry = "x" }\n',
      {},
      [
        'app 0.1.0 at 4',
        'flask 1.0 at 22, direct',
        'click 7.0 at 30, via flask',
        'click 8.0 at 35',
        'pytest 6.0 at 40, direct',
        'lone 1.0 at 45',
      ],
    ],
    [
      'Cargo.lock',
      '[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "chrono",\n]\n\n[[package]]\nname = "chrono"\nversion = "0.4.19"\nsource = "registry+x"\ndependencies = [\n "time 0.1.42",\n]\n\n[[package]]\nname = "time"\nversion = "0.1.42"\nsource = "registry+x"\n\n[[package]]\nname = "time"\nversion = "0.3.0"\nsource = "registry+x"\n',
      {},
      ['app 0.1.0 at 2', 'chrono 0.4.19 at 9, direct', 'time 0.1.42 at 17, via chrono', 'time 0.3.0 at 22'],
    ],
  ])('%s', (path, text, beside, expected) => expect(read(path, text, beside)).toEqual(expected));
});

test.each(['package.json', 'readme.txt', 'node_modules/a/package-lock.json', 'vendor/x/go.mod', 'go.sum', ''])(
  '%j is not read',
  (path) => expect(formatOf(path)).toBeUndefined(),
);

test('lines that no tool writes are not searched, and cost nothing', () => {
  const long = `"${' '.repeat(1_000_000)}": {`;
  const before = performance.now();
  for (const path of [
    'package-lock.json',
    'yarn.lock',
    'build.gradle',
    'requirements.txt',
    'pom.xml',
    'Gemfile.lock',
  ]) {
    expect(read(path, `${long}\n${long}`)).toEqual([]);
  }
  expect(performance.now() - before).toBeLessThan(1000);
});
