/**
 * The hand-over from commit-to-registry.yml to publish.yml (docs/checked.md): jobs of the caller run in between, and may
 * call publish.yml with whatever they like. So a job of commit-to-registry.yml signs what it hands over, and publish.yml
 * signs nothing else.
 */
import { X509Certificate } from 'node:crypto';
import { canonicalJson, type Digest, parseDigest, parseStrictJson, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { parseBundle, signBundle } from '../bundle/bundle.ts';
import { IN_TOTO_PAYLOAD, pae } from '../bundle/dsse.ts';
import type { KeylessSigner } from '../sign/fulcio.ts';
import { makeStatement, parseStatement } from '../statement/statement.ts';
import { type CertificateIdentity, certificateIdentity } from '../verify/certificate.ts';
import type { FulcioClaims } from '../verify/fulcio-claims.ts';
import { verifies } from '../verify/public-key.ts';

/** No evidence about an image: no verifier reads it, and no user can sign one (`isOwnPredicateType`). */
const CHECKED = 'https://github.com/tidegate/tidegate/blob/main/docs/checked.md#v1';
const PROOF = 'proof';
/** In characters. The proof has about 5,000. */
const LONGEST = 256 * 1024;

/** Both are files of one repository, at one ref. */
const PUBLISHES = /^(https:\/\/[^@]+\/\.github\/workflows\/)publish\.yml(@.+)$/;
const RUN = /^(https:\/\/.+\/actions\/runs\/\d+)\/attempts\/\d+$/;

/** Outputs as a workflow writes them: text, and null for an output that no job has set. */
const CheckedShape = v.record(v.string(), v.nullable(v.string()));

export interface Checked {
  readonly digest: Digest;
  /** Everything but the proof. */
  readonly members: Readonly<Record<string, string | null>>;
  readonly proof?: string | undefined;
}

/** @throws TidegateError `signature` */
export function readChecked(text: string): Checked {
  if (text.length > LONGEST) throw notProven(`It has ${text.length} characters; the maximum is ${LONGEST}.`);
  let value: unknown;
  try {
    value = parseStrictJson(Buffer.from(text), 'checked');
  } catch (cause) {
    throw notProven('It is not JSON, or has a name twice.', cause);
  }
  const read = v.safeParse(CheckedShape, value);
  if (!read.success) throw notProven('It is not an object of texts.');
  const { [PROOF]: proof, ...members } = read.output;
  try {
    return { digest: parseDigest(members.digest ?? ''), members, proof: proof ?? undefined };
  } catch (cause) {
    throw notProven('Its digest is not that of an image.', cause);
  }
}

/**
 * The same with a proof by this signer. Without log entry and timestamp: the proof is about this run only, and its key
 * ends with the job.
 */
export async function provenChecked({ digest, members }: Checked, signer: KeylessSigner): Promise<string> {
  const { content } = await signBundle(makeStatement(CHECKED, [{ digest }], members).bytes, signer);
  return JSON.stringify({ ...members, [PROOF]: Buffer.from(content).toString('base64') });
}

/**
 * Verify that commit-to-registry.yml of this workflow's own commit has signed exactly this, in this run.
 *
 * Trusted root and signing config are inputs of the caller, so neither is trusted here: the certificate of the proof must
 * have been issued by the same authority as the one that this job signs with. A caller who names an authority of its own
 * gets signatures by that authority only, which nobody trusts.
 * @throws TidegateError `signature`
 */
export async function verifyChecked({ members, proof }: Checked, own: KeylessSigner): Promise<void> {
  if (proof === undefined) throw notProven('It has no proof.');
  const signed = await attempt(async () => {
    const bundle = parseBundle(Buffer.from(proof, 'base64'));
    if (bundle.material.kind !== 'certificate') throw new Error('signed with a key');
    return { ...bundle, certificate: bundle.material.der, identity: await certificateIdentity(bundle.material.der) };
  });
  const { certificate, identity, payload, payloadType, signature } = signed;
  if (!areOfOneIssuer(own, certificate)) throw notProven('Another authority certified the signer of its proof.');
  const key = new X509Certificate(certificate).publicKey;
  if (payloadType !== IN_TOTO_PAYLOAD || !verifies(key, pae(payloadType, payload), signature)) {
    throw notProven('The signature of its proof is wrong.');
  }
  const problem = otherRun(await certificateIdentity(own.certificate), identity);
  if (problem !== undefined) throw notProven(problem);
  const { predicateType, predicate } = await attempt(async () => parseStatement(payload));
  if (predicateType !== CHECKED) throw notProven('Its proof is a statement of another type.');
  if (!Buffer.from(canonicalJson(predicate)).equals(Buffer.from(canonicalJson(members)))) {
    throw notProven('Its proof is about other values.');
  }
}

/** The claim in which the two certificates differ, as a sentence; undefined if both are of one run and one commit. */
function otherRun(own: CertificateIdentity, found: CertificateIdentity): string | undefined {
  const [, folder, ref] = PUBLISHES.exec(own.subject) ?? [];
  if (folder === undefined) return 'This job is not one of publish.yml.';
  const expected = `${folder}commit-to-registry.yml${ref}`;
  if (found.subject !== expected || found.claims.buildSignerUri !== expected) {
    return `Its proof is by ${found.subject}, and not by ${expected}.`;
  }
  if (own.claims.buildSignerUri !== own.subject) return 'The certificate of this job names two workflows.';
  if (own.issuer !== found.issuer) return `Its proof is by a signer of ${found.issuer}, and not of ${own.issuer}.`;
  const [run, foundRun] = [own, found].map(({ claims }) => RUN.exec(claims.invocationUri ?? '')?.[1]);
  if (run === undefined || run !== foundRun) return `Its proof is of the run ${foundRun}, and not of ${run}.`;
  const others = new Set([...Object.keys(own.claims), ...Object.keys(found.claims)] as (keyof FulcioClaims)[]);
  others.delete('buildSignerUri');
  others.delete('invocationUri');
  const other = [...others].find((name) => own.claims[name] !== found.claims[name]);
  return other && `The ${other} of its proof is ${found.claims[other]}, and not ${own.claims[other]}.`;
}

function areOfOneIssuer({ certificate, issuer }: KeylessSigner, other: Uint8Array): boolean {
  if (issuer === undefined) return false;
  const { publicKey } = new X509Certificate(issuer);
  return [certificate, other].every((der) => new X509Certificate(der).verify(publicKey));
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw notProven('Its proof cannot be read.', cause);
  }
}

function notProven(why: string, cause?: unknown): TidegateError {
  return new TidegateError('checked-not-proven', `Input checked: nothing is signed. ${why}`, { cause });
}
