// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of the shell
/** Texts of repositories that lint reads: eight times the length takes eight times as long, whatever the content. */
import { describe, expect, test } from '@jest/globals';
import { growthOf, ignoringErrors, LINEAR_GROWTH } from '@tidegate/testkit';
import { Directives } from './dockerfile/directives.ts';
import { dockerignore } from './dockerfile/dockerignore.ts';
import { goMatch } from './dockerfile/go-match.ts';
import { heredocsOf } from './dockerfile/heredoc.ts';
import { mayHoldCommands } from './hand-made/scan.ts';
import { yamlKeysOf } from './hand-made/yaml-keys.ts';
import { yamlPlaces } from './hand-made/yaml-places.ts';
import { ignoresInText } from './ignores.ts';
import { mayDeclareMounts } from './mounts.ts';
import { lintCommands, lintDockerfileText, sourcesAmong } from './repository.ts';

const keys = (length: number) => Array.from({ length: length / 8 }, (_, at) => `k${at}: 1\n`).join('');
const workflow = yamlKeysOf('.github/workflows/x.yml') ?? { scripts: /^run$/ };

const READERS: readonly (readonly [
  string,
  (text: string) => unknown,
  readonly (string | ((n: number) => string))[],
])[] = [
  ['directives', (text) => new Directives().take(`# escape=${text}x`), [' ', '\t', '=', ' a', '\r']],
  ['names of directives', (text) => new Directives().take(`#${text}=`), ['a', ' ', '1']],
  ['heredocs', (text) => heredocsOf(`RUN <<${text}<`), [' ', '\t', '-', '<', 'E ', '"']],
  [
    'ignore comments',
    ignoresInText,
    ['# tidegate: ignore=a ', '# ', 'tidegate:', ' ', '#', '# tidegate: ignore=a b\n', '\n#'],
  ],
  [
    'names of files',
    (text) => [mayHoldCommands(text), mayDeclareMounts(text)],
    ['/', '/k8s', '.github/workflows/', '/compose.', 'a.'],
  ],
  [
    '.dockerignore',
    (text) => dockerignore(text)('a/b/c'),
    [
      'a\n',
      '!a\n',
      '*',
      '**/',
      '**/a\n',
      '[',
      '[a]',
      '\\',
      '/',
      '../',
      '{1}',
      '#\n',
      ' ',
      '\ufeff',
      '|',
      '^',
      '(',
      '?',
    ],
  ],
  ['paths, by .dockerignore', dockerignore(`${'*a'.repeat(30)}b\n!**/x/**\n**/*a*b\n`), ['a', 'ab', 'a/', '/', 'x/']],
  ['patterns of COPY', goMatch, ['*', '?', '[', '[a]', '\\', '[^', 'a-', '[a-', 'a']],
  ['names, by a pattern of COPY', (text) => goMatch(`${'*a'.repeat(30)}b`)?.(text), ['a', 'ab', 'b']],
  [
    'files to skip',
    (text) => sourcesAmong([text, `${text}.sh`], [`${'*a'.repeat(30)}b`, '**/a*']),
    ['a', 'ab', 'a/', '/'],
  ],
  [
    'YAML with commands',
    (text) => yamlPlaces(text, workflow),
    [keys, '- a\n', 'run: docker commit a\n', '- &a b\n- *a\n'],
  ],
  [
    'commands',
    (text) => lintCommands('x.sh', `docker save ${text}`),
    [
      'docker ',
      '$DOCKER ',
      '${',
      '{{',
      '$(',
      '`',
      '"',
      "'",
      '<<E ',
      '; ',
      '| ',
      '\\\n',
      'docker commit a b\n',
      'a=b ',
      'docker ${a} \\\n',
      'cat <<E\n',
      '$((',
      '((',
      '${a:-"',
      'sudo ',
      'eval ',
    ],
  ],
  [
    'commands of Windows',
    (text) => lintCommands('x.bat', `docker save ${text}`),
    ['docker %a% ^\n', '%a%', '^\n', 'set a=b\n'],
  ],
  [
    'calls',
    (text) => lintCommands('x.py', `docker commit ${text}`),
    ['docker ', '"docker" ', '["docker", ', 'run(', '(', '"""', '# \n'],
  ],
  [
    'recipes',
    (text) => lintCommands('Makefile', `a:\n\tdocker commit ${text}`),
    ['$(X)', '$(', '\n\t', '\\\n', 'a: ; ', 'a:', '$$'],
  ],
  [
    'instructions',
    (text) => lintDockerfileText('Dockerfile', `FROM a\nRUN apt-get install ${text}\n`),
    [' && rm rm', ' && find ', ' -y', '=', ' \\\n', ' && pip', ' && yarn --a'],
  ],
  [
    'addresses',
    (text) => lintDockerfileText('Dockerfile', `FROM a\nADD https://a/${text} /x\n`),
    ['#', '?ref=', '&', '.git', '/'],
  ],
  [
    'bases',
    (text) => lintDockerfileText('Dockerfile', `FROM a AS ${text}\nFROM x-\${TARGETARCH}${text}\n`),
    ['a', '-', '$TARGETARCH', '${TARGETARCH-', 'a.'],
  ],
];

describe('eight times the text takes eight times the time', () => {
  test.each(READERS.flatMap(([what, read, texts]) => texts.map((text) => [what, text, read] as const)))(
    '%s of %p',
    (_, text, read) => {
      expect(growthOf(ignoringErrors(read), text)).toBeLessThan(LINEAR_GROWTH);
    },
  );
});
