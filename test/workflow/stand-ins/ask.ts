import { once } from 'node:events';
import { connect } from 'node:net';
import { artifactToken, scopeOf } from '../../../packages/testkit/src/github/artifact-token.ts';
import type { Asked, Ended } from './host.ts';

/** Has the host run a step. */
export async function ask(socket: string, asked: Asked): Promise<Ended> {
  const connection = connect(socket);
  await once(connection, 'connect');
  connection.write(`${JSON.stringify(asked)}\n`);
  let answer = '';
  for await (const chunk of connection.setEncoding('utf8')) answer += chunk;
  return JSON.parse(answer);
}

/** A step of a stand-in: this process's environment and folder are the step's. */
export async function askAsStep(step: Asked['step']): Promise<void> {
  const { GITHUB_JOB: job = '', ACTIONS_RUNTIME_TOKEN: token = '', STAND_INS: socket = '' } = process.env;
  // GitHub gives each job its own token, act the same one to all.
  const env = { ...process.env, ACTIONS_RUNTIME_TOKEN: artifactToken(scopeOf(token).run, job) };
  const { exit, log } = await ask(socket, { step, cwd: process.cwd(), env });
  process.stdout.write(log);
  process.exitCode = exit;
}
