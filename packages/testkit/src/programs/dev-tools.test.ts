import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NETWORK_PLUGINS, PINS, releasedPlugin, TOOL_NAMES, type ToolName } from '@tidegate/tools';
import { DEV_TOOLS, GO_PROGRAMS } from './dev-tools.ts';

const MODULES: Readonly<Record<ToolName, string>> = {
  buildkitd: 'github.com/moby/buildkit',
  buildx: 'github.com/docker/buildx',
  syft: 'github.com/anchore/syft',
  grype: 'github.com/anchore/grype',
  cosign: 'github.com/sigstore/cosign/v3',
};

const goMod = (name: (typeof DEV_TOOLS)[number]) => readFile(join(GO_PROGRAMS[name].module, 'go.mod'), 'utf8');
const requires = (text: string, module: string) =>
  text.split('\n').some((line) =>
    line
      .trim()
      .replace(/^require /, '')
      .startsWith(module),
  );

test.each([...TOOL_NAMES])('%s from source is the version whose release is pinned, and says so', async (name) => {
  const { version } = PINS[name];
  expect(requires(await goMod(name), `${MODULES[name]} v${version}`)).toBe(true);
  expect(GO_PROGRAMS[name].variables?.join()).toMatch(new RegExp(`=v?${version.replaceAll('.', '\\.')}$`));
});

test('the network plugins that BuildKit is given are built, of the version that its module knows', async () => {
  for (const name of NETWORK_PLUGINS) {
    expect(GO_PROGRAMS).toHaveProperty(releasedPlugin(name));
  }
  const plugins = 'github.com/containernetworking/plugins v';
  const version = (text: string) =>
    text
      .split('\n')
      .find((line) => line.trim().startsWith(plugins))
      ?.trim();
  expect(version(await goMod('buildkit-cni-bridge'))).toBeDefined();
  expect(version(await goMod('buildkit-cni-bridge'))).toBe(version(await goMod('buildkitd')));
});

test('the database is built by the Grype that reads it', async () => {
  expect(requires(await goMod('grype-db'), `${MODULES.grype} v${PINS.grype.version}`)).toBe(true);
});

test('the API server says the version that its module requires, and has the modules that belong to it', async () => {
  const text = await goMod('kube-apiserver');
  const [said = ''] = GO_PROGRAMS['kube-apiserver'].variables ?? [];
  const version = said.replace(/^.*gitVersion=v1\./, '');
  expect(requires(text, `k8s.io/kubernetes v1.${version} `)).toBe(true);
  const replaced = text.split('\n').filter((line) => line.includes(' => '));
  expect(replaced.length).toBeGreaterThan(20);
  expect(replaced.filter((line) => !line.endsWith(` v0.${version}`))).toEqual([]);
});

test.each(DEV_TOOLS.filter((name) => !GO_PROGRAMS[name].package.startsWith('.')))(
  '%s is a tool of its module',
  async (name) => {
    expect(await goMod(name)).toMatch(
      new RegExp(`^(tool )?\\s*${GO_PROGRAMS[name].package.replaceAll('.', '\\.')}$`, 'm'),
    );
  },
);
