import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtTools, SIGSTORE_TOOLS, startSigstore } from '@tidegate/testkit';
import type { Command } from './command.ts';
import type { Commit } from './repository.ts';

/** The signer of the demo, and how anybody verifies it. */
export interface DemoSigning extends AsyncDisposable {
  readonly how: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Before a job: its identity is of the commit that it is for. */
  prepare(commit: Commit): void;
  /** Arguments of cosign for the expected signer. `files` are shown by their name alone. */
  flags(commit: Commit): readonly string[];
  readonly files: readonly string[];
  /** The same of somebody who did not sign, and a word for them. */
  stranger(commit: Commit): Promise<{ readonly who: string; readonly flags: readonly string[] }>;
}

/**
 * Keyless with a Sigstore of this machine, where its servers are built (the tests build them): the demo is then what a
 * workflow on GitHub does, short of the internet. With a key otherwise.
 */
export async function demoSigning(
  repository: string,
  temp: string,
  command: Command,
  cosign: string,
): Promise<DemoSigning> {
  return (await builtTools(SIGSTORE_TOOLS)) ? keyless(repository) : withKey(temp, command, cosign);
}

async function keyless(repository: string): Promise<DemoSigning> {
  const sigstore = await startSigstore();
  const { issuer, urls } = sigstore;
  const workflow = ({ tag }: Commit) => `${repository}/.github/workflows/image.yml@refs/tags/${tag}`;
  const flags = (identity: string) => [
    ...['--trusted-root', sigstore.trustedRoot, '--certificate-identity', identity],
    ...['--certificate-oidc-issuer', issuer.url],
  ];
  return {
    how: [
      `signing     keyless: Fulcio ${urls.fulcio}, Rekor ${urls.rekor},`,
      '            a timestamp authority, and an issuer that speaks as GitHub does',
    ],
    inputs: { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: issuer.requestUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: issuer.requestToken,
    },
    prepare(commit) {
      const [owner = ''] = repository.split('/');
      const { sha, tag } = commit;
      const ref = `refs/tags/${tag}`;
      const at = workflow(commit);
      issuer.claim({
        ...{ sub: `repo:${repository}:ref:${ref}`, repository, repository_owner: owner, actor: 'ada' },
        ...{ ref, ref_type: 'tag', sha, workflow: 'Image', workflow_ref: at, workflow_sha: sha },
        ...{ job_workflow_ref: at, job_workflow_sha: sha, run_id: '1', run_number: '1' },
      });
    },
    flags: (commit) => flags(`https://github.com/${workflow(commit)}`),
    files: [sigstore.trustedRoot],
    stranger: async () => ({
      who: 'another workflow',
      flags: flags(`https://github.com/${repository}/.github/workflows/other.yml@refs/heads/main`),
    }),
    [Symbol.asyncDispose]: () => sigstore[Symbol.asyncDispose](),
  };
}

async function withKey(temp: string, command: Command, cosign: string): Promise<DemoSigning> {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = join(temp, 'cosign.pub');
  await writeFile(publicKey, key.publicKey.export({ type: 'spki', format: 'pem' }));
  // Signed with a key and without a transparency log: there is no entry to ask for.
  const flags = (file: string) => ['--key', file, '--insecure-ignore-tlog=true'];
  return {
    how: ['key         ECDSA P-256, made for this run'],
    inputs: { key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    env: {},
    prepare() {},
    flags: () => flags(publicKey),
    files: [publicKey],
    async stranger() {
      const home = await mkdtemp(join(temp, 'stranger-'));
      const env = { HOME: home, COSIGN_PASSWORD: '' };
      await command(cosign, ['generate-key-pair', '--output-key-prefix', 'stranger'], { cwd: home, env });
      return { who: 'a key that did not sign', flags: flags(join(home, 'stranger.pub')) };
    },
    async [Symbol.asyncDispose]() {},
  };
}
