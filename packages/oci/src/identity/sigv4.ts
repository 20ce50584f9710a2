import { createHash, createHmac } from 'node:crypto';
import { defined } from '@tidegate/core';

export interface AwsKeys {
  readonly id: string;
  readonly secret: string;
  readonly session: string | undefined;
}

/** The only form of request that is signed here: POST to `/`, without a query. */
export interface SignedPost {
  readonly host: string;
  readonly region: string;
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request"). A path of `/` and no query leave nothing
 * to normalize, which is most of what a library for it does.
 * @param now in milliseconds since the epoch; AWS rejects a signature that is off by more than five minutes
 * @returns all headers to send, `authorization` included. Names are in lower case
 */
export function signPost(post: SignedPost, keys: AwsKeys, now: number): Readonly<Record<string, string>> {
  const time = `${new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  const headers: Readonly<Record<string, string>> = defined({
    ...post.headers,
    host: post.host,
    'x-amz-date': time,
    'x-amz-security-token': keys.session,
  });
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const scope = [time.slice(0, 8), post.region, post.service, 'aws4_request'];
  const request = ['POST', '/', '', lines, signed, sha256(post.body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n');
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${keys.secret}`);
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope.join('/')}, SignedHeaders=${signed}, Signature=${hmac(key, text).toString('hex')}`;
  return { ...headers, authorization };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
