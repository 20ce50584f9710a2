import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { formatDuration, messageOf } from '@tidegate/core';
import type { TestResult } from './checks.ts';
import type { ContainerEngine, RunningContainer } from './container-engine.ts';

/** In milliseconds, between two requests. */
const PAUSE = 500;
/** In milliseconds: maximum time of one answer. A program that accepts a connection and says nothing must not use up the whole time. */
const PATIENCE = 5_000;

const SILENCE = 'no answer in time';

export interface HealthCheck {
  /** `http`, with the port in the container. */
  readonly url: URL;
  /** Maximum time until an answer of 200 to 299, in milliseconds. */
  readonly timeout: number;
}

/** Start the image, and request the URL until it answers with 200 to 299. Redirects are not followed. */
export async function testHealth(
  engine: ContainerEngine,
  image: string,
  platform: string,
  { url, timeout }: HealthCheck,
  signal: AbortSignal,
): Promise<TestResult> {
  const name = `Health URL: ${url.href}`;
  return engine.serving(image, platform, portOf(url), async (container) => {
    const problem = await untilHealthy(container, url, timeout, signal);
    return problem === undefined
      ? { name, problems: [] }
      : { name, problems: [problem], lastLines: await container.lastLines() };
  });
}

const portOf = ({ port }: URL) => Number(port === '' ? 80 : port);

/** @returns the problem, undefined if healthy */
async function untilHealthy(
  container: RunningContainer,
  url: URL,
  timeout: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = performance.now() + timeout;
  let last: number | string = SILENCE;
  for (;;) {
    const ended = await container.ended();
    if (ended !== undefined) return `the container does not run: ${ended}`;
    const left = deadline - performance.now();
    if (left <= 0) return `no answer of 200 to 299 within ${formatDuration(timeout)}; last: ${shown(last)}`;
    const answer = await statusOf(container.port, url, Math.min(left, PATIENCE), signal);
    if (typeof answer === 'number' && answer >= 200 && answer <= 299) return undefined;
    // The deadline cuts off a request that had less time than the others: a status from before says more.
    const isCutOff = answer === SILENCE && left < PATIENCE;
    if (!isCutOff || typeof last === 'string') last = answer;
    await wait(Math.min(PAUSE, Math.max(0, deadline - performance.now())), undefined, { signal });
  }
}

const shown = (answer: number | string) => (typeof answer === 'number' ? `HTTP status ${answer}` : answer);

/** Status, or why there is none. The body is not read: the program is not trusted. */
function statusOf(port: number, url: URL, timeout: number, signal: AbortSignal): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const limit = AbortSignal.timeout(Math.ceil(timeout));
    const sent = request({
      ...{ host: '127.0.0.1', port, path: `${url.pathname}${url.search}`, agent: false },
      // The name that the program knows itself by, not the port that docker chose.
      headers: { host: url.host, 'user-agent': 'tidegate-test-image' },
      signal: AbortSignal.any([limit, signal]),
    });
    sent.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => {});
      sent.destroy();
    });
    sent.on('error', (error) => {
      if (signal.aborted) reject(signal.reason);
      else resolve(limit.aborted ? SILENCE : messageOf(error));
    });
    sent.end();
  });
}
