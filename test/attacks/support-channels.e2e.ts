/**
 * The attacker writes a file by which Syft believes that Red Hat's extended updates (EUS) are in use. Then Grype believes a
 * package of a later minor release to have each fix that the extended updates got under an earlier version.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const OPENSSH = [
  'openssh',
  '8.7p1-34.el9_3.3',
  '1',
  '1',
  'Red Hat',
  '1',
  '1',
  'x86_64',
  '0',
  'openssh-8.7p1-34.el9_3.3.src.rpm',
];
const FILES: Readonly<Record<string, string>> = {
  'etc/os-release':
    'NAME="Red Hat Enterprise Linux"\nID="rhel"\nVERSION_ID="9.2"\nVERSION="9.2 (Plow)"\nID_LIKE="fedora"\n',
  'var/lib/rpmmanifest/container-manifest-2': `${OPENSSH.join('\t')}\n`,
  'manifest.json': '{"content_sets":["rhel-9-for-x86_64-baseos-eus-rpms"]}',
};

describe('a vulnerable package of a Red Hat Enterprise Linux fails', () => {
  test.each([
    ['as it is', ''],
    ['beside a file that claims extended updates', 'COPY manifest.json /root/buildinfo/content_manifests/\n'],
  ])('%s', async (_, claim) => {
    const Dockerfile = `FROM scratch\nCOPY etc /etc\nCOPY var /var\n${claim}USER 1000\n`;
    const job = await newJob(suite, { files: { ...FILES, Dockerfile } });
    jobs.push(job);
    await succeeded(job.run('build-image'));
    await succeeded(job.run('generate-sbom'));
    const { log, outputs } = await job.run('scan-image');
    expect(log.join('\n')).toMatch(/severity-threshold: .*CVE-2024-6387/);
    expect(outputs.verdict).toBe('fail');
  });
});
