/** One process of the bench `layers`: the stage on one layout, its time and the most memory of the process. */
import { contents, openTarget } from '@tidegate/pipeline';

const [folder = ''] = process.argv.slice(2);
const nothing = (): void => {};
const log: Parameters<typeof contents>[2]['log'] = {
  debug: nothing,
  info: nothing,
  notice: nothing,
  warning: nothing,
  mask: nothing,
  redact: (text) => text,
  group: (_title, work) => work(log),
};
const before = process.cpuUsage();
const started = performance.now();
const found = await contents(await openTarget(folder), undefined, { log, signal: new AbortController().signal });
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(before);
const layers = found.flatMap((one) => one.contents.layers);
const files = layers.reduce((sum, layer) => sum + layer.entries, 0);
console.log(
  JSON.stringify({ seconds, work: (user + system) / 1e6, files, memory: process.resourceUsage().maxRSS / 1024 }),
);
