/**
 * A process that works until it kills itself without warning: `node pusher.ts SETTINGS`. It can die before and after
 * every request, every fsync and every rename; the code under test does not know.
 */
import diagnostics from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { OneOrMore } from '@tidegate/core';

export interface PusherSettings {
  readonly work: 'push' | 'pull';
  /** A push goes to all of them, a pull comes from the first. */
  readonly hosts: OneOrMore<string>;
  readonly folder: string;
  readonly publicKey: string;
  readonly root: string;
  /** 0: never. The number of points is printed at the end. */
  readonly dieAt: number;
}

const settings = JSON.parse(process.argv[2] ?? '') as PusherSettings;
let points = 0;
const point = (): void => {
  points += 1;
  if (points === settings.dieAt) process.kill(process.pid, 'SIGKILL');
};

// undici, "Diagnostics Channel Support": before a request is sent, and when its response is complete.
diagnostics.subscribe('undici:request:create', point);
diagnostics.subscribe('undici:request:trailers', point);

type Call = (...given: unknown[]) => unknown;
/** Adds points before and after a function, for every caller, awaited or not. */
function betweenPoints(owner: object, name: string): void {
  const methods = owner as Record<string, Call>;
  const real = methods[name] as Call;
  methods[name] = function (this: unknown, ...given) {
    point();
    const result = real.apply(this, given);
    if (result instanceof Promise) return result.finally(point);
    point();
    return result;
  };
}
const handle = await fs.promises.open(process.execPath);
betweenPoints(Object.getPrototypeOf(handle), 'sync');
betweenPoints(Object.getPrototypeOf(handle), 'datasync');
await handle.close();
betweenPoints(fs.promises, 'rename');
for (const name of ['fsyncSync', 'fdatasyncSync', 'renameSync']) betweenPoints(fs, name);
const { fsync } = fs;
fs.fsync = ((file, done) => {
  point();
  fsync(file, (error) => {
    point();
    done(error);
  });
}) as typeof fsync;
syncBuiltinESMExports();

// Only now: the modules imported below must see the changes above.
const { pull } = await import('./pull.ts');
const { pushToEach } = await import('./push.ts');
const { hosts, work, ...rest } = settings;
await (work === 'push' ? pushToEach(hosts, rest) : pull({ host: hosts[0], ...rest }));
process.stdout.write(String(points));
