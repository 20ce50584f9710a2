import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { TidegateError } from '@tidegate/core';
import { type BuildSecret, usesSecret } from '@tidegate/pipeline';
import type { Inputs, Job } from '@tidegate/runner';
import type { action } from '../../build-image/action.ts';

type SecretInputs = Pick<Inputs<typeof action>, 'secrets' | 'secret-envs' | 'secret-files'>;

/** A larger file is not a password, and masking each of its lines would make the log unreadable. Bytes. */
const MASKED_FILE = 64 * 1024;

/**
 * BuildKit secrets from all three inputs. Each value is masked by itself, because a Dockerfile prints the value and not
 * the line of the input that contains it.
 * @param dockerfile its text, if known
 */
export async function buildSecrets(
  inputs: SecretInputs,
  job: Job,
  dockerfile: string | undefined,
): Promise<readonly BuildSecret[]> {
  const secrets: BuildSecret[] = [];
  const add = (input: string, secret: BuildSecret) => {
    if (secrets.some(({ id }) => id === secret.id)) {
      // The ID is not shown: it may be a part of a multi-line value that was not quoted.
      throw new TidegateError(
        'input-secret-unparsable',
        `Input ${input}: secret ${secrets.length + 1} has an ID that is already in use.`,
        {
          next: 'Use each ID once in secrets, secret-envs and secret-files.',
        },
      );
    }
    secrets.push(secret);
  };
  for (const [id, value] of inputs.secrets) {
    job.log.mask(value);
    assertNoContinuation(id, value, secrets.length, dockerfile);
    add('secrets', { id, kind: 'value', value });
  }
  tellUnused(secrets, job, dockerfile);
  for (const [at, [id, variable]] of inputs['secret-envs'].entries()) {
    const value = job.env[variable.trim()];
    if (!value) {
      throw notThere(
        'secret-envs',
        at,
        'names an environment variable that is not set',
        'Set it in the env of this step.',
      );
    }
    job.log.mask(value);
    add('secret-envs', { id, kind: 'value', value });
  }
  for (const [at, [id, file]] of inputs['secret-files'].entries()) {
    const path = resolve(job.workspace, file.trim());
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) {
      throw notThere(
        'secret-files',
        at,
        'names a file that does not exist',
        'Write its path, relative to the workspace.',
      );
    }
    if (found.size <= MASKED_FILE) job.log.mask(await readFile(path, 'utf8'));
    add('secret-files', { id, kind: 'file', path });
  }
  return secrets;
}

/** Neither half is shown: a secret value that was written here by mistake would be printed. */
function notThere(input: string, at: number, why: string, next: string): TidegateError {
  return new TidegateError(
    'input-secret-unparsable',
    `Input ${input}: secret ${at + 1} ${why}. Its content is not shown.`,
    {
      next,
    },
  );
}

/**
 * A secret without a value is normal: in a pull request from a fork all of them are empty. But a later line of the form
 * `c2VjcmV0LXRva2VuLXZhbHVl=` whose name the Dockerfile does not know is the end of a base64 text that was not quoted.
 */
function assertNoContinuation(id: string, value: string, before: number, dockerfile: string | undefined): void {
  if (value.trim() !== '' || before === 0 || !isBase64Tail(id)) return;
  if (dockerfile !== undefined && usesSecret(dockerfile, id)) return;
  throw new TidegateError(
    'input-secret-unparsable',
    `Input secrets: secret ${before + 1} has no value and looks like the last line of a base64 text. Its content is not shown.`,
    { next: 'Quote a multi-line value together with its ID ("ID=line 1⏎line 2"), or use secret-envs.' },
  );
}

/** With its `=` a multiple of four characters, and of mixed case, unlike names that people write. */
function isBase64Tail(id: string): boolean {
  return id.length % 4 === 3 && /^[A-Za-z0-9]+$/.test(id) && !/^([A-Z]+|[a-z]+)$/.test(id);
}

/** Always reported: the lines of an unquoted value may all look like secrets of their own. */
function tellUnused(secrets: readonly BuildSecret[], job: Job, dockerfile: string | undefined): void {
  if (dockerfile === undefined) return;
  const unused = secrets.flatMap(({ id }, at) => (usesSecret(dockerfile, id) ? [] : [at + 1]));
  if (unused.length === 0) return;
  job.log.notice(
    `Input secrets: the Dockerfile mounts no secret with the ID of number ${unused.join(', ')}. ` +
      'Quote a multi-line value together with its ID.',
  );
}
