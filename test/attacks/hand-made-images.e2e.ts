/**
 * A writer wants an image that no Dockerfile made, and hides the command: in words that a shell puts together, in a text
 * that is run, behind another program, in a language of its own.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const WORKFLOW = `on: push
env: { TOOL: docker }
x-script: &later |
  \${{ env.TOOL }} commit box acme/app
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: *later
      - shell: python
        run: |
          import subprocess
          subprocess.run(["podman", "commit", "box"])
`;

/** Each file, and the line at which the image is made. */
const HIDDEN: Readonly<Record<string, readonly [line: number, text: string]>> = {
  'quotes.sh': [1, `d''ocker c"omm"it box acme/app\n`],
  'variables.sh': [3, 'a=dock b=er\nset -- commit box acme/app\n$a$b "$@"\n'],
  'functions.sh': [2, 'helper() { local c=$1; shift; sudo "$c" "$@"; }\nhelper docker commit box acme/app\n'],
  'pipes.sh': [1, 'echo ZG9ja2VyIGNvbW1pdCBib3g= | base64 -d | sh\n'],
  'texts.sh': [2, "cat <<'EOF' | ssh -T build@host bash -s\ndocker commit box acme/app\nEOF\n"],
  'mk/Makefile': [6, 'Q := @\nE = $(Q)docker\ndefine keep\n$(E) commit $(1)\nendef\nall: ; $(call keep,box)\n'],
  'tool.py': [3, 'import subprocess\nENGINE = "docker"\nsubprocess.run([ENGINE] + "commit box".split())\n'],
  'deploy.ps1': [2, '$verb = \'commit\'\niex "docker $verb box"\n'],
};

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly level: string;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

async function errorsIn(file: string): Promise<readonly string[]> {
  const { runs } = JSON.parse(await readFile(file, 'utf8')) as Sarif;
  return runs
    .flatMap(({ results }) => results)
    .filter(({ level }) => level === 'error')
    .flatMap(({ locations }) => locations.map(({ physicalLocation }) => physicalLocation))
    .map(({ artifactLocation, region }) => `${artifactLocation.uri}:${region.startLine}`);
}

test('each of them is an error of the source rules, at its line', async () => {
  const files = Object.fromEntries(Object.entries(HIDDEN).map(([file, [, text]]) => [file, text]));
  const job = await newJob(suite, { files: { ...files, '.github/workflows/x.yml': WORKFLOW } });
  jobs.push(job);
  const { exitCode, annotations, outputs } = await job.run('lint-source', {
    hadolint: 'off',
    'buildkit-checks': 'false',
  });
  expect(exitCode).toBe(1);
  const expected = Object.entries(HIDDEN).map(([file, [line]]) => `${file}:${line}`);
  const places = [...expected, '.github/workflows/x.yml:13', '.github/workflows/x.yml:4'];
  expect((await errorsIn(outputs['sarif-path'] ?? '')).toSorted()).toEqual(places.sort());

  const annotated = annotations.flatMap(({ file, line }) => (file === undefined ? [] : [`${file}:${line}`]));
  expect(annotated).toHaveLength(9);
  expect(places).toEqual(expect.arrayContaining(annotated));
});
