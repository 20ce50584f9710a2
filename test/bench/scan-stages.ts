/** One process of the bench `scan`: database, SBOM and scan of one layout, as the root action runs them. Prints seconds. */
import { join } from 'node:path';
import { effectivePolicy } from '@tidegate/core';
import { examine, openTarget, type Services, updateDatabase } from '@tidegate/pipeline';
import { childContexts, createToolbox, hostPlatform, run } from '@tidegate/tools';
import { silentServices } from '../support/silent.ts';

const [layout = '', tools = '', cache = '', mirror = ''] = process.argv.slice(2);
const temp = join(layout, '..');
const silent = silentServices();
const services: Services = {
  ...silent,
  tools: createToolbox({
    ...silent,
    folder: tools,
    platform: hostPlatform(process.platform, process.arch),
    toolCache: join(temp, 'tool-cache'),
    temp,
  }),
  run,
  temp,
  children: childContexts({
    env: { PATH: process.env.PATH, HOME: temp },
    folder: join(temp, 'children'),
    workspace: temp,
  }),
};
const started = performance.now();
const target = await openTarget(layout);
const database = { cache, mirrors: [mirror] };
const options = {
  name: 'acme/app',
  sbomDir: join(temp, 'sbom'),
  reportDir: join(temp, 'scan'),
  policy: effectivePolicy({ version: 1, preset: 'strict' }).policy,
};
const { scans } = await examine(target, updateDatabase(database, services), options, services);
if (scans.length !== 1) throw new Error(`${scans.length} scans of one platform`);
console.log((performance.now() - started) / 1000);
