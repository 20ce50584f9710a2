/**
 * Names that would act if they were shown as they came, in every text of an image, through everything that people read
 * but the HTML report (html.e2e.ts): the log by the runner's own two parsers, summary and comment by the renderer that
 * GitHub uses, SARIF by what a viewer makes of a message.
 */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  clipped,
  digestOf,
  type Finding,
  findingsTable,
  MediaType,
  makeVerdict,
  parsePlatform,
  type ScanEvidence,
  type SourceFinding,
  type SummaryFacts,
  sarifLog,
  scanRun,
  sourceRun,
  summaryMarkdown,
} from '@tidegate/core';
import { createSafeLog, type RunnerCommands } from '@tidegate/runner';
import {
  ensureDebianPackages,
  HOSTILE_NAMES,
  parseCommand,
  parseCommandLoosely,
  printedLines,
} from '@tidegate/testkit';
import { lintMarkdown } from '../../actions/support/reports/lint-report.ts';

beforeAll(() => ensureDebianPackages(['cmark-gfm']), 300_000);

test('there are at least 60 of them', () => {
  expect(new Set(HOSTILE_NAMES).size).toBeGreaterThanOrEqual(60);
});

const DIGEST = digestOf('an image');

function findingOf(name: string): Finding {
  return {
    ...{ id: name, severity: 'high', fix: 'fixed', fixedIn: [name], locations: [name], aliases: [name] },
    // An address that is one makes a link, as it is to; a name must not.
    ...(URL.canParse(name) && /^https?:/.test(name) ? {} : { url: name }),
    package: { name, version: name, type: name, purl: name },
  };
}

function sourceFindingOf(name: string): SourceFinding {
  return { rule: name, level: 'error', file: name, line: 1, message: name, why: name, fix: name };
}

/** A refused image of which every text is the name. */
function factsOf(name: string): SummaryFacts {
  const finding = findingOf(name);
  const scan: ScanEvidence = {
    ...{ kind: 'scan', subject: DIGEST, sbom: DIGEST, scanner: { name, version: name }, finishedOn: new Date() },
    ...{
      database: { built: new Date(), schema: name, source: name, checksum: DIGEST },
      findings: [finding],
      suppressed: 0,
    },
    ...{ scannerTripped: true, scannerThreshold: 'high', onlyFixed: false, covered: [], endOfLife: 0 },
  };
  const origin = { kind: 'instruction', line: 3, endLine: 3, text: name } as const;
  return {
    name,
    image: {
      root: { mediaType: MediaType.manifest, digest: DIGEST, size: 1 },
      platforms: [
        {
          platform: parsePlatform('linux/amd64'),
          descriptor: { mediaType: MediaType.manifest, digest: DIGEST, size: 1 },
        },
      ],
    },
    verdict: makeVerdict([{ rule: 'severity-threshold', outcome: 'fail', why: name }], new Date()),
    policy: {
      ...{ require: [], failOn: 'high', unknownSeverity: 'fail', onlyFixed: false, maxDatabaseAge: 1, maxScanAge: 1 },
      contents: { traces: { secret: 'fail' } },
    },
    platforms: [
      {
        ...{ platform: name, scan, packages: 1, size: 1, layers: 1 },
        causes: {
          origin: { file: name, layers: [origin] },
          diffIds: [DIGEST],
          packages: new Map([[JSON.stringify([name, name, name]), DIGEST]]),
        },
        contents: {
          config: {
            ...{ user: name, entrypoint: [name], cmd: [name], labels: { [name]: name }, exposedPorts: [name] },
            ...{ volumes: [name], env: [name] },
          },
          layers: [{ digest: DIGEST, diffId: DIGEST, size: 1, unpacked: 1, entries: 1, createdBy: name, line: name }],
          traces: [
            { kind: 'secret', path: name, layer: 0, what: name },
            { kind: 'hidden-package', path: name, layer: 0, what: name },
          ],
          ...{
            overflow: [],
            statePaths: [name],
            languagePackages: [],
            systemPackages: { deb: [name], apk: [], rpm: [] },
          },
        },
      },
    ],
    publication: { published: false, why: name },
    tags: [{ tag: name, outcome: 'planned', reason: name }],
    references: [name],
    rescan: { attached: 0, since: [{ platform: name, on: new Date(), before: [], now: [finding] }] },
    changes: [
      {
        ...{ tag: name, digest: DIGEST, platform: name },
        changes: {
          ...{ added: [{ name, type: name, from: [], to: [name] }], removed: [], moved: [] },
          ...{ newFindings: [finding], goneFindings: [] },
        },
      },
    ],
  };
}

/** GitHub's rendering of Markdown, with raw HTML left in: harmless text here is harmless behind its filter. */
function rendered(markdown: string): string {
  const argv = ['--unsafe', ...['table', 'autolink', 'strikethrough', 'tasklist'].flatMap((name) => ['-e', name])];
  return execFileSync('cmark-gfm', argv, { input: markdown, encoding: 'utf8' });
}

/** Elements that summaries are made of. */
const OURS = new Set('h2 h3 p ul ol li table thead tbody tr th td code pre strong sub details summary'.split(' '));

function expectHarmless(html: string): void {
  const tags = [...html.matchAll(/<\/?([a-zA-Z][a-zA-Z0-9]*)([^>]*)>/g)];
  expect(tags.map(([, name = '']) => name).filter((name) => !OURS.has(name))).toEqual([]);
  expect(
    tags
      .map(([, , attributes = '']) => attributes)
      .filter((text) => !/^( align="\w+"| class="language-sh"| lang="sh")?$/.test(text)),
  ).toEqual([]);
  // The only comments are those that keep GitHub from seeing a mention of a user or an issue.
  expect(html.replaceAll(/[@#-]<!-- -->/g, '')).not.toMatch(/<!--/);
  const prose = html.replaceAll(/<(code|pre)\b.*?<\/\1>/gs, '');
  expect(prose).not.toMatch(/@\w|#\d|GH-\d/i);
  expect(html).not.toMatch(/<h[1-6]>injected/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
  expect(html).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
}

/** @actions/core's calls, kept as what they would print. */
function recorder(): RunnerCommands & { text: string } {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const printed = {
    text: '',
    info: (message: string) => {
      printed.text += `${message}\n`;
    },
    debug: (message: string) => printed.info(`::debug::${data(message)}`),
    notice: (message: string) => printed.info(`::notice::${data(message)}`),
    warning: (message: string) => printed.info(`::warning::${data(message)}`),
    error: (message: string) => printed.info(`::error::${data(message)}`),
    startGroup: (title: string) => printed.info(`::group::${data(title)}`),
    endGroup: () => printed.info('::endgroup::'),
    setSecret: () => {},
  };
  return printed;
}

describe.each(HOSTILE_NAMES.map((name, at) => [at, clipped(JSON.stringify(name), 60), name] as const))(
  '%i: %s',
  (_, __, name) => {
    test('is no command in a log', () => {
      const printed = recorder();
      const log = createSafeLog(printed);
      log.info(name);
      log.info(findingsTable([findingOf(name)]));
      log.notice(name);
      const ours = /^(?:debug|notice|warning|group|endgroup)$/;
      const commands = printedLines(printed.text).flatMap((line) => [parseCommand(line), parseCommandLoosely(line)]);
      expect(commands.filter((one) => one !== undefined && !ours.test(one.name))).toEqual([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
      expect(printed.text).not.toMatch(/[\u0000\u0008\u001b\u009b\u202e]/);
    });

    test('is text in summary and comment', () => {
      expectHarmless(rendered(summaryMarkdown(factsOf(name))));
      const report = { findings: [sourceFindingOf(name)], dockerfiles: 1, others: 0, ignored: 0 };
      expectHarmless(rendered(lintMarkdown(report as never, 'error')));
    });

    test('is no link and no placeholder in SARIF', () => {
      const scanned = { image: name, platform: name, findings: [findingOf(name)], dockerfile: name };
      const placed = {
        ...scanned,
        placeOf: () => ({ file: name, line: -1 }),
        remedyOf: () => name,
        suppressed: () => name,
      };
      const log = sarifLog([scanRun(scanned), scanRun(placed), sourceRun([sourceFindingOf(name)])], name);
      for (const { results, tool } of log.runs) {
        const texts = results.map(({ message }) => message.text);
        for (const text of texts) {
          expect(text.replace(/\\./g, '')).not.toMatch(/\]\(|<|>/);
          expect(text.replaceAll('{{', '').replaceAll('}}', '')).not.toMatch(/[{}]/);
        }
        for (const { helpUri = 'https://x' } of tool.driver.rules) expect(helpUri).toMatch(/^https?:/);
      }
      const said = JSON.stringify(log);
      expect(said).not.toMatch(/\\u0000|\\u001b|\u202e|\\ud800/);
      expect(said).not.toMatch(/"uri":"(?:[a-z]+:|\/|[^"]*\.\.)/i);
      expect(said.length).toBeLessThan(250_000);
    });
  },
);
