import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A secret in every form it is likely to leak in, by the form's name. Written apart from the product's own list. */
export function formsOf(secret: string): ReadonlyMap<string, string> {
  const forms = new Map<string, string>([
    ['plain', secret],
    ['url', encodeURIComponent(secret)],
    ['form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['json', JSON.stringify(secret).slice(1, -1)],
    ['hex', Buffer.from(secret).toString('hex')],
  ]);
  // Base64 depends on where in a group of three bytes the secret begins: the groups that are all its own.
  for (const shift of [0, 1, 2]) {
    const inner = Buffer.from(secret).subarray(shift);
    const whole = inner.subarray(0, inner.length - (inner.length % 3));
    forms.set(`base64 from byte ${shift}`, whole.toString('base64'));
    forms.set(`base64url from byte ${shift}`, whole.toString('base64url'));
  }
  return forms;
}

/** @returns `name of the secret, form` for each that is found */
export function secretsIn(content: string | Uint8Array, secrets: Readonly<Record<string, string>>): string[] {
  const bytes = Buffer.from(content as Uint8Array);
  const unpacked = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return Object.entries(secrets).flatMap(([name, secret]) =>
    [...formsOf(secret)].filter(([, text]) => unpacked.includes(text)).map(([form]) => `${name}, ${form}`),
  );
}

/** In every file below a folder, and in the files' names. */
export async function secretsBelow(folder: string, secrets: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path) : '';
    found.push(...[...secretsIn(path, secrets), ...secretsIn(content, secrets)].map((one) => `${path}: ${one}`));
  }
  return found;
}
