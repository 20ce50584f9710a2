import { createServer } from 'node:http';
import { TidegateError } from '@tidegate/core';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const greeting = `Hello ${inputs.who}\n`.repeat(Number(inputs.times)).trimEnd();
  job.log.info(greeting);
  job.log.info(`The password is ${inputs.password}, the token ${inputs.token}.`);
  job.saveState('who', inputs.who);
  await job.summarise(`# ${inputs.who}\n`);
  switch (inputs.mode) {
    case 'refuse':
      return failWithOutputs(new TidegateError('gate-failed', 'The gate is shut.', { next: 'Open it.' }), { greeting });
    case 'bug':
      throw new TypeError(`undefined is not ${inputs.who}`);
    case 'wait':
      await new Promise((_, reject) => {
        const alive = setInterval(() => {}, 1000);
        job.signal.addEventListener('abort', () => {
          clearInterval(alive);
          job.log.info('cleaned up');
          reject(job.signal.reason);
        });
        job.log.info('waiting');
      });
      break;
    case 'linger':
      // A listening socket and a timer, as keep-alive connections and forgotten work leave them.
      await new Promise<void>((resolve) => createServer().listen(0, '127.0.0.1', resolve));
      setInterval(() => {}, 1000);
      break;
    case 'forget':
      void Promise.reject(new Error('a promise nobody waits for'));
      await new Promise(() => setInterval(() => {}, 1000));
      break;
    default:
  }
  return { greeting, length: String(greeting.length) };
}

export async function post(job: Job): Promise<void> {
  job.log.info(`Goodbye ${job.state('who')}`);
}
