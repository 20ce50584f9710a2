/**
 * One copy by Tidegate's engine in a process of its own. Arguments: `push LAYOUT HOST/REPOSITORY` or
 * `pull HOST/REPOSITORY LAYOUT`. Prints one line of JSON: seconds of the copy alone, peak memory in MiB, CPU seconds.
 */
import { copy, ImageLayout, Registry } from '@tidegate/oci';

const [direction, from = '', to = ''] = process.argv.slice(2);
const registryOf = (name: string): Registry => {
  const slash = name.indexOf('/');
  return new Registry({ registry: name.slice(0, slash), repository: name.slice(slash + 1) });
};
const began = performance.now();
const before = process.cpuUsage();
let report: unknown;
if (direction === 'push') {
  const [layout, registry] = [await ImageLayout.open(from), registryOf(to)];
  const root = await layout.root();
  report = await copy(layout, registry, [root]);
  await registry.moveTag(root, 'v1');
  registry.close();
} else {
  const registry = registryOf(from);
  const [layout, root] = await Promise.all([ImageLayout.create(to), registry.resolve('v1')]);
  report = await copy(registry, layout, [root]);
  registry.close();
}
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(before);
const rss = process.resourceUsage().maxRSS / 1024;
console.log(JSON.stringify({ seconds, rss, cpu: (user + system) / 1e6, report }));
