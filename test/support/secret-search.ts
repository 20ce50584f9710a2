import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Text, or bytes that are not text: the number of a private key. */
export type Secret = string | Uint8Array;
export type Secrets = Readonly<Record<string, Secret>>;

/** A secret in every form in which it is likely to leak, by the form's name. Independent of the product's own list. */
export function formsOf(secret: Secret): ReadonlyMap<string, Secret> {
  const bytes = Buffer.from(secret as Uint8Array);
  const hex = bytes.toString('hex');
  const forms = new Map<string, Secret>([
    ['plain', secret],
    ['hex', hex],
    ['HEX', hex.toUpperCase()],
    ['dump', hex.replace(/(..)(?=.)/g, '$1 ')],
    ['list', [...bytes].join(',')],
  ]);
  if (typeof secret === 'string') {
    forms.set('url', encodeURIComponent(secret));
    forms.set('form', new URLSearchParams({ '': secret }).toString().slice(1));
    forms.set('json', JSON.stringify(secret).slice(1, -1));
  }
  // Base64 depends on the position in a group of three bytes where the secret begins: only complete groups of the
  // secret are used.
  for (const shift of [0, 1, 2]) {
    const inner = bytes.subarray(shift);
    const whole = inner.subarray(0, inner.length - (inner.length % 3));
    forms.set(`base64 from byte ${shift}`, whole.toString('base64'));
    forms.set(`base64url from byte ${shift}`, whole.toString('base64url'));
  }
  return forms;
}

/** The texts and bytes that reveal a private key in any file format: its text, line by line, and its number. */
export function secretsOfKey(key: KeyObject, name: string): Secrets {
  const { d = '' } = key.export({ format: 'jwk' });
  const pem = (type: 'pkcs8' | 'sec1') => key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' });
  const texts = key.asymmetricKeyType === 'ec' ? [pem('pkcs8'), pem('sec1')] : [pem('pkcs8')];
  const open = createPublicKey(key).export({ type: 'spki', format: 'der' });
  // Both end with the public key, which is in every certificate and log, at any position within a group of base64.
  const lines = texts
    .flatMap((text) => text.toString().split('\n'))
    .filter((line) => /^[\w+/=]{16,}$/.test(line) && !open.includes(Buffer.from(line, 'base64')));
  return Object.fromEntries<Secret>([
    [`${name}: number`, Buffer.from(d, 'base64url')],
    ...lines.map((line, at): [string, Secret] => [`${name}: line ${at}`, line]),
  ]);
}

/** Every form of every secret, by its first two bytes: one pass over a content searches for all of them. */
interface Needles {
  readonly byPrefix: readonly (readonly { readonly name: string; readonly bytes: Buffer }[] | undefined)[];
  /** Findings in earlier contents, by digest: the same layer is in a job and in its registry. */
  readonly seen: Map<string, readonly string[]>;
}
const needlesOf = new WeakMap<Secrets, Needles>();

function needles(secrets: Secrets): Needles {
  const known = needlesOf.get(secrets);
  if (known) return known;
  const byPrefix: { name: string; bytes: Buffer }[][] = [];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, content] of formsOf(secret)) {
      const bytes = Buffer.from(content as Uint8Array);
      if (bytes.length < SHORTEST) throw new Error(`${name}, ${form}, is too short to be looked for`);
      const prefix = bytes.readUInt16BE(0);
      byPrefix[prefix] = [...(byPrefix[prefix] ?? []), { name: `${name}, ${form}`, bytes }];
    }
  }
  const made: Needles = { byPrefix: Array.from({ length: 65536 }, (_, at) => byPrefix[at]), seen: new Map() };
  needlesOf.set(secrets, made);
  return made;
}

/** Anything shorter occurs by chance. */
const SHORTEST = 4;
const REMEMBERED = 4096;

/** @returns `name of the secret, form` for each match */
export function secretsIn(content: string | Uint8Array, secrets: Secrets): string[] {
  const bytes = Buffer.from(content as Uint8Array);
  if (bytes.length < REMEMBERED) return found(bytes, needles(secrets));
  const digest = createHash('sha256').update(bytes).digest('hex');
  const { seen } = needles(secrets);
  const known = seen.get(digest) ?? found(bytes, needles(secrets));
  seen.set(digest, known);
  return [...known];
}

function found(packed: Buffer, { byPrefix }: Needles): string[] {
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? gunzipSync(packed) : packed;
  const names = new Set<string>();
  let prefix = bytes[0] ?? 0;
  for (let at = 1; at < bytes.length; at += 1) {
    prefix = ((prefix & 0xff) << 8) | (bytes[at] ?? 0);
    const candidates = byPrefix[prefix];
    if (!candidates) continue;
    for (const { name, bytes: wanted } of candidates) {
      if (bytes.compare(wanted, 0, wanted.length, at - 1, Math.min(at - 1 + wanted.length, bytes.length)) === 0) {
        names.add(name);
      }
    }
  }
  return [...names];
}

/** Searches every file below a folder, and the names of the files. */
export async function secretsBelow(folder: string, secrets: Secrets): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await contentOf(path).catch(goneMeanwhile) : '';
    found.push(...[...secretsIn(path, secrets), ...secretsIn(content, secrets)].map((one) => `${path}: ${one}`));
  }
  return found;
}

/** Running servers may move files that have not been searched yet. */
function goneMeanwhile(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

const NOTHING = Buffer.alloc(4 * 1024 * 1024);

/** A log server's database is two gigabytes, of which all but some kilobytes are holes: these are skipped. */
async function contentOf(path: string): Promise<Uint8Array> {
  const { blocks, size } = await stat(path);
  if (blocks * 512 >= size) return readFile(path);
  await using file = await open(path);
  const kept: Buffer[] = [];
  const chunk = Buffer.alloc(NOTHING.length);
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length);
    if (bytesRead === 0) return Buffer.concat(kept);
    const read = chunk.subarray(0, bytesRead);
    if (!read.equals(NOTHING.subarray(0, bytesRead))) kept.push(Buffer.from(read));
  }
}
