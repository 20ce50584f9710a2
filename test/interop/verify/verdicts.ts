/** Results of cosign and Tidegate for a case. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePublicKey, readTrustedRoots, type Trust } from '@tidegate/attest';
import { exact, PredicateType, pattern } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { signedFacts } from '@tidegate/pipeline';
import { bytesOf, type Case } from './case.ts';
import { bundles, cosign, folder, IDENTITY, image, key, otherKey, repositories, sigstore } from './signatures.ts';

export function spoilt({ bundle = '', spoil }: Case): Uint8Array {
  if (!spoil) return bundles[bundle] ?? Buffer.alloc(0);
  const json = bytesOf(bundle);
  const before = JSON.stringify(json);
  spoil(json);
  const after = JSON.stringify(json);
  if (after === before) throw new Error('nothing was spoilt');
  return Buffer.from(after);
}

export async function rootOf({ root }: Case): Promise<{ file: string; bytes: Uint8Array }> {
  const bytes = await readFile(sigstore.trustedRoot);
  if (!root) return { file: sigstore.trustedRoot, bytes };
  const json = JSON.parse(bytes.toString());
  root(json);
  const file = join(folder, `root-${repositories}.json`);
  await writeFile(file, JSON.stringify(json));
  return { file, bytes: Buffer.from(JSON.stringify(json)) };
}

interface Answer {
  readonly says: 'yes' | 'no';
  readonly why: string;
}

export async function weSay(one: Case, registry: Registry, root: Uint8Array): Promise<Answer> {
  const issuer = one.issuer === 'slash' ? `${sigstore.issuer.url}/` : (one.issuer ?? sigstore.issuer.url);
  const subject = one.regexp ? pattern(one.regexp, 'x') : exact(one.identity ?? IDENTITY);
  const pem = { keyless: undefined, key: key.publicPem, 'other key': otherKey.publicPem }[one.as ?? 'keyless'];
  const trust: Trust = {
    publicKeys: pem ? [parsePublicKey(pem)] : [],
    ...(pem ? {} : { identities: [{ issuer: exact(issuer), subject }] }),
    roots: await readTrustedRoots(root, 'the root'),
    ...one.trust,
  };
  const { verified, refused } = await signedFacts(registry, image.digest, trust, new AbortController().signal);
  const found = verified.some((fact) => fact.predicateType === (one.predicateType ?? PredicateType.signature));
  return { says: found ? 'yes' : 'no', why: refused.map(({ why }) => why).join(' ') };
}

export async function cosignSays(one: Case, reference: string, root: string): Promise<Answer> {
  const issuer = one.issuer === 'slash' ? `${sigstore.issuer.url}/` : (one.issuer ?? sigstore.issuer.url);
  const keyFile = { keyless: undefined, key: 'key.pub', 'other key': 'other.pub' }[one.as ?? 'keyless'];
  const who = keyFile
    ? ['--key', join(folder, keyFile)]
    : [
        ...(one.regexp
          ? ['--certificate-identity-regexp', one.regexp]
          : ['--certificate-identity', one.identity ?? IDENTITY]),
        ...['--certificate-oidc-issuer', issuer],
      ];
  const ask = one.predicateType ? ['verify-attestation', '--type', one.predicateType] : ['verify'];
  const old = one.flags?.includes('--new-bundle-format=false');
  const { code, stderr } = await cosign([
    ...ask,
    ...who,
    ...(old ? [] : ['--trusted-root', root]),
    ...(one.flags ?? []),
    `${reference}@${image.digest}`,
  ]);
  return { says: code === 0 ? 'yes' : 'no', why: stderr.split('\n').slice(-6).join(' ') };
}
