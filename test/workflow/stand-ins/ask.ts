import { once } from 'node:events';
import { connect } from 'node:net';
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
  const { env } = process;
  const { exit, log } = await ask(env.STAND_INS ?? '', { step, cwd: process.cwd(), env });
  process.stdout.write(log);
  process.exitCode = exit;
}
