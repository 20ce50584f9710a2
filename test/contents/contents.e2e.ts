/** Files that BuildKit puts into layers, judged by the policy: each rule fails on a trap, and passes its good twin. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ContentsPolicy, decide, type Policy, type RuleName, type TraceKind } from '@tidegate/core';
import { contents } from '@tidegate/pipeline';
import { startRegistry } from '@tidegate/testkit';
import { type Built, builtImage, type ContextFile } from '../support/built-image.ts';
import { leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();

/** Put together here, so that this file holds no token for whoever scans the repository. */
const NOISE = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE';
const TOKEN = `ghp_${NOISE}`;
const KEY = `-----BEGIN PRIVATE KEY-----\n${NOISE}${NOISE}\n-----END PRIVATE KEY-----\n`;

/** A system of one program: what the last stage of a small image may be. */
const BASE = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`;

const ONLY_CONTENTS: Omit<Policy, 'contents'> = {
  require: [],
  failOn: 'none',
  unknownSeverity: 'report',
  knownExploited: 'report',
  onlyFixed: false,
  maxDatabaseAge: Number.POSITIVE_INFINITY,
  maxScanAge: Number.POSITIVE_INFINITY,
};

async function judged({ target, services }: Built, policy: ContentsPolicy) {
  const found = await contents(target, policy, services);
  const evidence = found.map((one, at) => ({
    kind: 'contents' as const,
    subject: target.image.platforms[at]?.descriptor.digest ?? target.image.root.digest,
    contents: one.contents,
  }));
  const verdict = decide({ ...ONLY_CONTENTS, contents: policy }, target.image, evidence, new Date());
  const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail');
  return { found, failed, passed: verdict.passed };
}

const failing = (kind: TraceKind): ContentsPolicy => ({ traces: { secret: 'report', [kind]: 'fail' } });

interface Trap {
  readonly name: string;
  readonly rule: RuleName;
  readonly policy: ContentsPolicy;
  readonly bad: string;
  readonly good: string;
  readonly files?: Readonly<Record<string, ContextFile>>;
  /** In the sentence of the rule. */
  readonly says: RegExp;
}

const TRAPS: readonly Trap[] = [
  {
    name: 'a private key',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { 'tls.key': KEY, 'tls.crt': KEY.replaceAll('PRIVATE KEY', 'CERTIFICATE') },
    bad: 'FROM scratch\nCOPY tls.key /etc/tls/\n',
    good: 'FROM scratch\nCOPY tls.crt /etc/tls/\n',
    says: /private key in \/etc\/tls\/tls\.key:1 \(layer 1, Dockerfile:2, COPY tls\.key \/etc\/tls\/\)/,
  },
  {
    name: 'a key that a later instruction deletes',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { 'tls.key': KEY },
    bad: `${BASE}COPY tls.key /etc/\nRUN rm /etc/tls.key\n`,
    good: `${BASE}RUN --mount=type=bind,source=tls.key,target=/tls.key busybox wc -c /tls.key\n`,
    says: /\/etc\/tls\.key:1 \(layer 3, Dockerfile:4, COPY tls\.key \/etc\/, deleted in layer 4 and still in the image\)/,
  },
  {
    name: 'a token in a configuration',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { 'a.json': `{\n"token": "${TOKEN}"\n}`, 'b.json': '{"token": "env:GITHUB_TOKEN"}' },
    bad: 'FROM scratch\nCOPY a.json /app/\n',
    good: 'FROM scratch\nCOPY b.json /app/\n',
    says: /GitHub token in \/app\/a\.json:2/,
  },
  {
    name: 'a repository',
    rule: 'contents-history',
    policy: failing('history'),
    files: { 'src/.git/HEAD': 'ref: refs/heads/main\n', 'src/main.js': '1' },
    bad: 'FROM scratch\nCOPY src /app\n',
    good: 'FROM scratch\nCOPY src/main.js /app/\n',
    says: /git repository in \/app\/\.git\/HEAD/,
  },
  {
    name: 'an environment file',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: {
      '.env': 'PORT=3000\nPGPASSWORD=s3cr3t-s3cr3t\n',
      '.env.production': 'PORT=3000\nVITE_API_URL=https://api.example.org\nSECRET_KEY_BASE=dummy\n',
    },
    bad: 'FROM scratch\nCOPY .env /app/\n',
    good: 'FROM scratch\nCOPY .env.production /app/\n',
    says: /value of PGPASSWORD in \/app\/\.env:2/,
  },
  {
    name: 'a token of npm',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { bad: '//r.example.org/:_authToken=abc\n', good: '//r.example.org/:_authToken=$'.concat('{NPM_TOKEN}\n') },
    bad: 'FROM scratch\nCOPY bad /root/.npmrc\n',
    good: 'FROM scratch\nCOPY good /root/.npmrc\n',
    says: /npm credentials in \/root\/\.npmrc:1/,
  },
  {
    name: "docker's credentials",
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { bad: '{"auths":{"r":{"auth":"dTpwdTpw"}}}', good: '{"credsStore":"pass"}' },
    bad: 'FROM scratch\nCOPY bad /root/.docker/config.json\n',
    good: 'FROM scratch\nCOPY good /root/.docker/config.json\n',
    says: /registry credentials/,
  },
  {
    name: 'a build argument that history repeats',
    rule: 'contents-secrets',
    policy: failing('secret'),
    files: { 'token.txt': TOKEN },
    bad: `${BASE}ARG API_TOKEN=s3cr3t-s3cr3t\nRUN true\n`,
    good: `${BASE}ARG API_VERSION=1\nRUN true\n`,
    says: /value of API_TOKEN in the image config/,
  },
  {
    name: 'a setuid program',
    rule: 'contents-setuid',
    policy: failing('setuid'),
    bad: 'FROM scratch\nCOPY --chmod=4755 busybox /bin/su\n',
    good: 'FROM scratch\nCOPY --chmod=755 busybox /bin/su\n',
    says: /setuid \(4755\) in \/bin\/su/,
  },
  {
    name: 'a setuid program whose bit is taken away',
    rule: 'contents-setuid',
    policy: failing('setuid'),
    bad: `${BASE}RUN cp /bin/busybox /bin/rise && chmod 6755 /bin/rise\n`,
    good: `${BASE}COPY --chmod=4755 busybox /bin/rise\nRUN chmod a-s /bin/rise\n`,
    says: /setuid and setgid \(6755\)/,
  },
  {
    name: 'a shell',
    rule: 'contents-shells',
    policy: failing('shell'),
    bad: 'FROM scratch\nCOPY busybox /bin/sh\n',
    good: `${BASE}RUN touch /app\nFROM scratch\nCOPY --from=base /app /app\n`,
    says: /1 shell: \/bin\/sh \(layer 1/,
  },
  {
    name: 'a package manager',
    rule: 'contents-package-managers',
    policy: failing('package-manager'),
    bad: 'FROM scratch\nCOPY --chmod=755 busybox /usr/bin/apt-get\n',
    good: 'FROM scratch\nCOPY --chmod=755 busybox /usr/bin/apt-listchanges\n',
    says: /\/usr\/bin\/apt-get/,
  },
  {
    name: 'state of a database',
    rule: 'contents-state',
    policy: failing('state'),
    bad: 'FROM scratch\nCOPY busybox /var/lib/postgresql/data/PG_VERSION\n',
    good: 'FROM scratch\nCOPY busybox /usr/lib/postgresql/bin/postgres\n',
    says: /state under \/var\/lib\/postgresql/,
  },
  {
    name: 'files under a volume of the image',
    rule: 'contents-state',
    policy: { ...failing('state'), statePaths: ['/srv/data'] },
    bad: 'FROM scratch\nCOPY busybox /queue/spool\nVOLUME /queue\n',
    good: 'FROM scratch\nCOPY busybox /app\nVOLUME /queue\n',
    says: /state under \/queue/,
  },
  {
    name: 'no HEALTHCHECK',
    rule: 'image-healthcheck',
    policy: { traces: {}, healthcheck: true },
    bad: 'FROM scratch\nCOPY busybox /app\nHEALTHCHECK NONE\n',
    good: 'FROM scratch\nCOPY busybox /app\nHEALTHCHECK CMD ["/app", "true"]\n',
    says: /no HEALTHCHECK/,
  },
  {
    name: 'labels that are missing or empty',
    rule: 'image-labels',
    policy: { traces: {}, labels: ['org.opencontainers.image.source', 'owner'] },
    bad: 'FROM scratch\nCOPY busybox /app\nLABEL owner=""\n',
    good: 'FROM scratch\nCOPY busybox /app\nLABEL owner=me org.opencontainers.image.source=here\n',
    says: /2 labels missing or empty: org\.opencontainers\.image\.source, owner/,
  },
];

describe('a rule bites on what BuildKit built', () => {
  test.each(TRAPS)('$rule: $name', async ({ rule, policy, bad, good, files, says }) => {
    const trapped = await judged(await builtImage(suite, bad, files), policy);
    expect(trapped.failed.map((one) => one.rule)).toEqual([rule]);
    expect(trapped.failed[0]?.why).toMatch(says);
    expect(JSON.stringify([trapped.failed, trapped.found])).not.toMatch(new RegExp(`${NOISE}|s3cr3t`));
    const twin = await judged(await builtImage(suite, good, files), policy);
    expect(twin.failed).toEqual([]);
    expect(twin.passed).toBe(true);
  });

  test('an allowance lets one path pass, until it expires', async () => {
    const built = await builtImage(suite, 'FROM scratch\nCOPY --chmod=4755 busybox /bin/su\n');
    const allow = (expires: string): ContentsPolicy => ({
      ...failing('setuid'),
      allow: [{ kind: 'setuid', path: '/bin/*', reason: 'needed', expires: new Date(expires) }],
    });
    expect((await judged(built, allow('2999-01-01'))).failed).toEqual([]);
    const [first, ...more] = (await judged(built, allow('2020-01-01'))).failed.map(({ why }) => why);
    expect(first).toContain('/bin/su');
    expect(more.join()).toContain('expired');
  });

  test('an image whose layers were not read fails every rule that the policy asks for', async () => {
    const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /app\n');
    const policy: Policy = { ...ONLY_CONTENTS, contents: { traces: { shell: 'fail' }, healthcheck: true } };
    const verdict = decide(policy, target.image, [], new Date());
    const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);
    expect(failed).toEqual(
      expect.arrayContaining(['contents-present', 'contents-secrets', 'contents-shells', 'image-healthcheck']),
    );
  });
});

describe('contents that must not be published', () => {
  test('a secret in a layer: the registry gets no byte of any blob, no manifest and no tag', async () => {
    const registry = await startRegistry();
    const dockerfile = await readFile(join(suite.apps.sound, 'Dockerfile'), 'utf8');
    // No name tells it: the rules for sources, which come first, read what is named and have nothing to say.
    const files = { Dockerfile: `${dockerfile}\nCOPY conf /etc/conf/\n`, 'conf/settings.txt': KEY };
    const job = await newJob(suite, { tag: 'v1.2.3', files });
    try {
      const result = await job.run('ship', { image: `${registry.host}/acme/app` });
      expect(result.exitCode).toBe(1);
      expect(result.summary).toContain('contents-secrets');
      expect(result.raw).not.toContain(NOISE);
      const sent = registry.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
      // Preflight asks for an upload and gives it up again: that is how it learns that it may push.
      expect(sent.reduce((sum, { received }) => sum + received, 0)).toBe(0);
      expect(sent.filter(({ url }) => url.includes('/manifests/'))).toEqual([]);
      expect(result.outputs.published).toBe('false');
    } finally {
      await leave(job);
      await registry.close();
    }
  });
});
