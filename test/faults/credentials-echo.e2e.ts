/** A registry knows the password that it was sent, and may repeat it wherever it says something. Nothing of that is shown or kept. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runBundle } from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { expectOneClearError } from '../support/clear-error.ts';
import { secretsBelow, secretsIn } from '../support/secret-search.ts';

const USER = 'robot$acme+ci';
const PASSWORD = 'pa$$w0rd/with+every=thing?&%41';
const TOKEN = 'token.of-the_registry/itself+and=more';
const secrets = { PASSWORD, TOKEN, pair: `${USER}:${PASSWORD}` };
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string;

let base: string;
let action: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-echo-'));
  const fromSource = process.env.TIDEGATE_E2E_FROM_SOURCE === '1';
  action = fromSource
    ? join(await actionsFromSource(join(base, 'actions')), 'verify-image', 'action.yml')
    : 'verify-image';
});
afterAll(() => rm(base, { recursive: true, force: true }));

/** Every form that a registry could give back, in one line. */
const said = (line: string): string =>
  [
    PASSWORD,
    TOKEN,
    encodeURIComponent(PASSWORD),
    Buffer.from(PASSWORD).toString('base64'),
    Buffer.from(`${USER}:${PASSWORD}`).toString('base64url'),
    line,
  ].join(' ');

type Echo = (response: ServerResponse, line: string) => void;
const manifest = 'application/vnd.oci.image.manifest.v1+json';

const ECHOES: readonly (readonly [string, Echo])[] = [
  [
    'in an error',
    (response, line) => response.writeHead(403).end(JSON.stringify({ errors: [{ code: line, message: said(line) }] })),
  ],
  ['in plain text', (response, line) => response.writeHead(400).end(said(line))],
  [
    'for a type',
    (response, line) =>
      response
        .writeHead(200, {
          'content-type': `${PASSWORD} ${line}`,
          'docker-content-digest': `sha256:${'a'.repeat(64)}`,
          'content-length': '5',
        })
        .end(),
  ],
  [
    'for a digest',
    (response, line) =>
      response.writeHead(200, { 'content-type': manifest, 'docker-content-digest': said(line) }).end(said(line)),
  ],
  [
    'for a place',
    (response, line) =>
      response.writeHead(307, { location: `ftp://127.0.0.1/${encodeURIComponent(said(line))}` }).end(),
  ],
  [
    'for another token service',
    (response, line) =>
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="ftp://127.0.0.1/${encodeURIComponent(said(line))}"` })
        .end(),
  ],
  [
    'in trouble that may pass',
    (response, line) => response.writeHead(503, { 'retry-after': '100000' }).end(said(line)),
  ],
];

type Given = (
  host: string,
  home: string,
) => Promise<{ readonly inputs: Record<string, string>; readonly env: Record<string, string> }>;

const config = async (home: string, content: object): Promise<Record<string, string>> => {
  await mkdir(join(home, '.docker'), { recursive: true });
  await writeFile(join(home, '.docker', 'config.json'), JSON.stringify(content));
  return { HOME: home };
};

const GIVEN: readonly (readonly [string, Given])[] = [
  [
    'as inputs',
    async (_, home) => ({ inputs: { 'registry-username': USER, 'registry-password': PASSWORD }, env: { HOME: home } }),
  ],
  [
    "in docker's configuration",
    async (host, home) => ({
      inputs: {},
      env: await config(home, { auths: { [host]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString('base64') } } }),
    }),
  ],
  [
    'by a credential helper',
    async (host, home) => {
      const program = join(home, 'docker-credential-test');
      await mkdir(home, { recursive: true });
      await writeFile(
        program,
        `#!/bin/sh\ncat <<'END'\n${JSON.stringify({ Username: USER, Secret: PASSWORD })}\nEND\n`,
      );
      await chmod(program, 0o755);
      return {
        inputs: {},
        env: { ...(await config(home, { credHelpers: { [host]: 'test' } })), PATH: `${home}:${process.env.PATH}` },
      };
    },
  ],
];

/** A token for who knows the password; then the echo. */
async function serve(echo: Echo) {
  const lines: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const line = request.headers.authorization ?? '';
    lines.push(line);
    request.resume();
    const { host } = request.headers;
    if (request.url?.startsWith('/token')) response.writeHead(200).end(JSON.stringify({ token: TOKEN }));
    else if (line === '') response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token"` }).end();
    else echo(response, line);
  };
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as { port: number }).port}`,
    lines,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe.each(GIVEN)('a password given %s', (_, given) => {
  test.each(ECHOES)('is not shown when the registry repeats it %s', async (_, echo) => {
    await using server = await serve(echo);
    const folder = await mkdtemp(join(base, 'job-'));
    const [temp, workspace, home] = [
      join(folder, 'temp'),
      join(folder, 'workspace'),
      join(base, `home-${folder.slice(-6)}`),
    ];
    for (const path of [temp, workspace]) await mkdir(path);
    const { inputs, env } = await given(server.host, home);
    const result = await runBundle({
      action,
      inputs: { image: `${server.host}/acme/app:v1`, 'verification-key': key, ...inputs },
      env,
      temp,
      workspace,
    });
    expect(server.lines).toContain(`Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`);
    expect(server.lines).toContain(`Bearer ${TOKEN}`);
    expectOneClearError(result);
    const shown = JSON.stringify([
      result.raw,
      result.summary,
      result.outputs,
      result.state,
      result.env,
      result.log,
      result.annotations,
    ]);
    expect(secretsIn(result.raw, secrets)).toEqual([]);
    expect(secretsIn(shown, secrets)).toEqual([]);
    expect(await secretsBelow(folder, secrets)).toEqual([]);
  });
});
