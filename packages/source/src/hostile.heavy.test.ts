import { describe, expect, test } from '@jest/globals';
import { lintCommands, lintDockerfileText } from './repository.ts';

const MIB = 1024 * 1024;
const fill = (text: string, size = 60 * 1024) => text.repeat(Math.ceil(size / text.length));

/** Each one makes a naive reader slow, deep or wrong; most are as long as a Dockerfile may be. */
const DOCKERFILES: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'five megabytes': `FROM a\n${fill('RUN true\n', 5 * MIB)}`,
  'only line ends': fill('\n'),
  'only blanks': `FROM a\nRUN ${fill(' ', 60_000)}\n`,
  'one line beyond the limit': `FROM a\nRUN ${fill('x')}\n`,
  'a continuation without end': `FROM a\nRUN true${fill(' \\\n')}`,
  'continued comments': `FROM a\nRUN true \\\n${fill('# tidegate: ignore=root-user why\n')}`,
  'a comment for each line': fill('# tidegate: ignore=root-user why\nRUN true\n'),
  instructions: `FROM a\n${fill('ADD http://h/x /y\n')}`,
  'stages on stages': `FROM a AS s\n${fill('FROM s AS s\n')}`,
  'a chain of stages': Array.from({ length: 7000 }, (_, n) => `FROM s${n} AS s${n + 1}\nUSER root\n`).join(''),
  'copies from stages': `FROM a AS s\n${fill('COPY --from=s /x /y\n')}`,
  'variables that double': `FROM a\n${Array.from({ length: 80 }, (_, n) => `ENV A${n + 1}=$A${n}$A${n}x\n`).join('')}USER $A80\n`,
  'arguments that double': `${Array.from({ length: 80 }, (_, n) => `ARG A${n + 1}=$A${n}$A${n}x\n`).join('')}FROM $A80\n`,
  'many long values': `FROM a\nENV A=${'x'.repeat(4000)}\n${fill('USER $A$A\nENV DATA_DIR=/$A\n')}`,
  'braces in braces': `FROM a\nUSER ${fill('${a:-', 60_000)}\n`,
  'open quotes': `FROM a\n${fill('ENV A="\n')}`,
  options: `FROM a\nRUN ${fill('--mount=type=cache ', 60_000)}true\n`,
  'yarn and its options': `FROM a\nRUN yarn ${fill('--a--a ', 30_000)}"\t"\n`,
  removals: `FROM a\nRUN apt-get install x${fill(' && rm rm rm rm \\\n')}\n`,
  'substitutions in substitutions': `FROM a\nRUN ${fill('$(', 60_000)}\n`,
  backticks: `FROM a\nRUN ${fill('`', 60_000)}\n`,
  heredocs: `FROM a\nRUN ${Array.from({ length: 5000 }, (_, n) => `<<E${n}`).join(' ')}\n${Array.from({ length: 5000 }, (_, n) => `x\nE${n}\n`).join('')}`,
  'a large heredoc': `FROM a\nRUN <<E\n${fill('apt-get install gcc\n')}E\n`,
  'volumes and folders': `FROM a\n${Array.from({ length: 4000 }, (_, n) => `VOLUME /var/lib/v${n}\nENV DATA_DIR=/var/lib/k${n}\n`).join('')}`,
  'json in json': `FROM a\nCMD ${fill('[', 60_000)}\n`,
  'onbuild in onbuild': `FROM a\n${fill('ONBUILD ', 60_000)}RUN true\n`,
  'long names': `FROM ${'a'.repeat(10_000)}\nUSER ${'b'.repeat(10_000)}\nENV ${'TOKEN_'.repeat(2000)}=x\nCOPY ${'c'.repeat(10_000)}/.env /x\n`,
  'no text at all': Buffer.from(Array.from({ length: 4096 }, (_, n) => n % 256))
    .toString('utf8')
    .repeat(64),
  'commands of a runner':
    'FROM ::set-output name=a::b\nUSER ##[error]x\nENV A_TOKEN=\u001b[2J\u202e\u0000\nCOPY "::warning::/.env" /\n',
};

const COMMANDS: Readonly<Record<string, string>> = {
  'x.sh, commits': fill('docker commit a b\n', 256 * 1024),
  'x.sh, keywords': `docker ${fill('then ', 256 * 1024)} exec`,
  'x.sh, options': `docker ${fill('--x ', 256 * 1024)} commit`,
  'x.sh, evals': `${fill('eval ', 256 * 1024)} docker commit`,
  'x.sh, substitutions': `docker exec ${fill('$(', 256 * 1024)}`,
  'x.sh, shells in shells': `docker exec ${fill('sh -c "', 256 * 1024)}`,
  'x.sh, open quote': `docker exec '${fill('x ', 256 * 1024)}`,
  'x.sh, heredocs': fill('docker exec -i c sh <<E\n', 256 * 1024),
  'x.sh, variables that double': `${Array.from({ length: 80 }, (_, n) => `A${n + 1}="$A${n}$A${n} docker"\n`).join('')}$A80 commit`,
  'x.sh, words that double': `${Array.from({ length: 80 }, (_, n) => `A${n + 1}=("\${A${n}[@]}" "\${A${n}[@]}" docker)\n`).join('')}"\${A80[@]}" commit`,
  'x.sh, many long variables': `A="${'docker '.repeat(2000)}"\n${fill('docker $A $A commit\n', 256 * 1024)}`,
  'x.sh, functions that call each other': `${Array.from({ length: 200 }, (_, n) => `f${n}() { f${n + 1} "$@"; f${n + 1} "$@"; f${n + 2} "$@"; }\n`).join('')}f0 docker commit`,
  'x.sh, a function that calls itself': `f() { f "$@" "$@"; f docker exec; }\n${fill('f docker commit\n', 100 * 1024)}`,
  'x.sh, many calls': `f() { ${fill('docker exec c "$@";', 20 * 1024)} }\n${fill('f apk add x\n', 100 * 1024)}`,
  'x.sh, loops in loops': `${fill('for a in docker b c d; do ', 100 * 1024)} $a commit`,
  'x.sh, pipes into shells': fill('echo "echo docker commit | sh" | sh | sh | sh\n', 256 * 1024),
  'x.sh, groups that pipe': `${fill('{ echo docker commit; ', 100 * 1024)}${fill('} | ', 100 * 1024)}sh`,
  'x.sh, heredocs on one line': `docker exec ${fill('cat <<E;', 256 * 1024)}\n`,
  'x.sh, substitutions in heredocs': `docker exec ${fill('cat <<E\n$(cat <<F\n`docker commit`\nF\n)\nE\n', 256 * 1024)}`,
  'x.sh, heredocs in heredocs': `docker commit\n${fill('sh <<E\n', 256 * 1024)}`,
  'x.sh, open braces': `docker commit ${fill('${a:-', 256 * 1024)}`,
  'x.sh, braces and substitutions': `docker commit ${fill('$'.concat('{a:-$( } '), 256 * 1024)}`,
  'x.sh, arrays': `docker commit ${fill('a=(', 256 * 1024)}`,
  'x.sh, files that run themselves': fill('echo "sh x.sh; sh x.sh; docker commit" > x.sh; sh x.sh\n', 100 * 1024),
  'x.sh, aliases of themselves': `alias a="a; a; docker commit"\n${fill('a\n', 100 * 1024)}`,
  'x.sh, print and print': `docker commit; awk '${fill('print"', 100 * 1024)}'`,
  'x.sh, greater texts': `docker commit | ${fill('tee /bin/a | ', 200 * 1024)} sh`,
  'x.rb, words': `docker commit ${fill('%w[', 256 * 1024)}`,
  'x.rb, heredocs': `docker "commit" ${fill('sh <<EOS\n', 256 * 1024)}`,
  'x.py, calls in calls': `"docker" "commit" ${fill('run(["docker", ', 256 * 1024)}`,
  'x.py, names of names': `"docker" "commit"\n${Array.from({ length: 5000 }, (_, n) => `a${n + 1} = a${n} + a${n} + ["docker"]\nrun(a${n + 1})\n`).join('')}`,
  'x.js, sums': `"docker" "commit"; exec(${fill('"a" + ', 256 * 1024)}`,
  'x.go, calls': fill('exec.Command("docker", "commit", x)\n', 256 * 1024),
  'Makefile, variables that double': `${Array.from({ length: 40 }, (_, n) => `A${n + 1} = $(A${n})$(A${n})docker commit\n`).join('')}a:\n${fill('\t$(A40)\n', 100 * 1024)}`,
  'Makefile, calls': `f = docker commit $(call f,$(1),$(1)) $(call f,$(1))\na:\n${fill('\t$(call f,x)\n', 100 * 1024)}`,
  'Makefile, defines': `a:\n\tdocker commit\n${fill('define x\n', 256 * 1024)}`,
  'Justfile, defaults': `docker commit ${fill('a="', 256 * 1024)}:`,
  'x.ps1, quotes': `docker commit\n${fill('"\'', 256 * 1024)}`,
  'x.cmd, conditions': `docker commit\n${fill('if exist ', 256 * 1024)}`,
  'x.tf, lists': `docker commit\ninline = [${fill('"a", ', 256 * 1024)}`,
  'pyproject.toml, strings': `docker commit\n[tasks]\na = [${fill('"\\', 256 * 1024)}`,
  '.github/workflows/x.yml, one list in many': `on: push\nx: &x [${fill('docker commit, ', 50_000)}]\njobs:\n  a:\n    steps:\n${fill('      - run: *x\n', 100_000)}`,
  '.github/workflows/x.yml, anchors of one name': `on: push\nrun: docker commit\nx:\n${fill('  - &a x\n  - *a\n', 200_000)}`,
  '.github/workflows/x.yml, variables for each step': `on: push\njobs:\n  a:\n    env:\n${Array.from({ length: 3000 }, (_, n) => `      A${n}: docker commit\n`).join('')}    steps:\n${fill('      - { run: docker commit, env: { A: b } }\n', 100_000)}`,
  'x.py, blanks': `docker exec${fill(' ', 256 * 1024)}`,
  'x.py, lists': fill('["docker", "exec", ', 256 * 1024),
  'x.js, regular expressions': `docker exec ${fill('(/', 256 * 1024)}`,
  'x.ps1, comments': `docker exec ${fill('<#', 256 * 1024)}`,
  'Makefile, variables': `docker:\n\t${fill('$(X', 256 * 1024)} exec`,
  'package.json, nested': `{"scripts": {"a": ${fill('[', 200_000)} "docker commit"`,
  '.github/workflows/x.yml, nested': `run: docker commit\na: ${fill('[', 20_000)}`,
  '.github/workflows/x.yml, aliases': `a: &a [docker, exec]\n${Array.from({ length: 40 }, (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`}, *${n === 0 ? 'a' : `b${n - 1}`}]`).join('\n')}\nrun: docker commit a\n`,
  '.github/workflows/x.yml, folded': `run: >\n${fill('  docker commit a;\n', 256 * 1024)}`,
};

// CPU seconds of this process: the load of other processes must not matter.
describe('no text makes the rules crash or hang', () => {
  test.each(Object.entries(DOCKERFILES))('Dockerfile: %s', (_, text) => {
    const began = process.cpuUsage();
    const { findings } = lintDockerfileText('Dockerfile', text);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
    expect(findings.length).toBeGreaterThan(0);
    for (const { message, fix } of findings) expect(message.length + fix.length).toBeLessThan(1500);
  });

  test.each(Object.entries(COMMANDS))('%s', (name, text) => {
    const began = process.cpuUsage();
    const { findings } = lintCommands(name.split(', ')[0] ?? '', text);
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(5);
    for (const { message } of findings) expect(message.length).toBeLessThan(1000);
  });
});
