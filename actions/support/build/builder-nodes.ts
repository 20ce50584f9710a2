import { badInput, formatPlatform, type Platform, parsePlatform } from '@tidegate/core';
import type { BuilderNode, NodesEngine } from '@tidegate/pipeline';
import type { InputSpec } from '@tidegate/runner';

export const builderNodesInputs = {
  'builder-endpoints': {
    type: 'list',
    description:
      'BuildKit nodes, one PLATFORMS=ADDRESS per line: `linux/arm64=tcp://arm.example:1234`. `kubernetes` as address starts a pod. Default: none.',
  },
  'builder-driver-opts': {
    type: 'pairs',
    description:
      "Options of buildx's kubernetes driver, one KEY=VALUE per line: `namespace=buildkit`. Only for `kubernetes` in `builder-endpoints`.",
  },
  'builder-ca': {
    type: 'string',
    multiline: true,
    secret: true,
    description:
      'Certificate of the authority (PEM) that signed the certificates of `tcp://` nodes. Required for them.',
  },
  'builder-cert': {
    type: 'string',
    multiline: true,
    secret: true,
    description: 'Client certificate (PEM) for `tcp://` nodes. Required if the nodes verify clients.',
  },
  'builder-key': {
    type: 'string',
    multiline: true,
    secret: true,
    description: 'Private key (PEM) of `builder-cert`. Never leaves this job; removed from its disk after the build.',
  },
} as const satisfies Record<string, InputSpec>;

export interface BuilderNodesInputs {
  readonly builder: string;
  readonly 'builder-endpoints': readonly string[];
  readonly 'builder-driver-opts': readonly (readonly [name: string, value: string])[];
  readonly 'builder-ca': string;
  readonly 'builder-cert': string;
  readonly 'builder-key': string;
}

/**
 * Options that decide where a pod runs, what it may use and how it is marked. Left out on purpose: `qemu.*` runs a
 * privileged image that changes the kernel of a node of the cluster, `env.*` changes BuildKit itself, and `replicas` and
 * `loadbalance` have no effect on a pod of one build.
 */
const DRIVER_OPTIONS: readonly RegExp[] = [
  /^(?:namespace|image|rootless|serviceaccount|schedulername|nodeselector|tolerations|annotations|labels|timeout)$/,
  /^(?:requests|limits)\.(?:cpu|memory|ephemeral-storage)$/,
  /^persistent-volume-claim\.requests\.storage$/,
];

/** Platforms of all lines, for a build that names none. */
export function platformsOfNodes({ 'builder-endpoints': lines }: BuilderNodesInputs): readonly Platform[] {
  return lines.flatMap((line) => nodeOf(line).platforms);
}

/**
 * The nodes for these platforms. Other lines are not used: in a matrix, each job builds one platform.
 * @returns undefined if the inputs name no node
 * @throws TidegateError `bad-input`
 */
export function builderNodes(
  inputs: BuilderNodesInputs,
  platforms: readonly Platform[],
): Omit<NodesEngine, 'environment' | 'onCreate'> | undefined {
  const lines = inputs['builder-endpoints'];
  if (lines.length === 0) {
    assertUnset(inputs, Object.keys(builderNodesInputs), 'builder-endpoints is empty');
    return undefined;
  }
  if (inputs.builder !== '') {
    const expected = 'no value, because builder-endpoints names the builders';
    throw badInput('input-conflict', 'builder', inputs.builder, expected, 'Remove one of the two inputs.');
  }
  const all = lines.map(nodeOf);
  assertOnce(all);
  assertOptions(inputs, all);
  const wanted = platforms.length === 0 ? all.flatMap((node) => node.platforms) : platforms;
  for (const platform of wanted) assertServed(platform, all);
  const [first, ...others] = all.flatMap((node) => narrowed(node, wanted));
  if (!first) return undefined;
  return {
    kind: 'nodes',
    nodes: [first, ...others],
    tls: tlsOf(inputs, all),
    driverOptions: inputs['builder-driver-opts'],
  };
}

function nodeOf(line: string): BuilderNode {
  const [, names = '', text = ''] = /^([^=]+)=(.*)$/.exec(line) ?? [];
  const address = text.trim();
  const [first, ...others] = names
    .split(',')
    .filter((name) => name.trim() !== '')
    .map((name) => parsePlatform(name, 'builder-endpoints'));
  if (!first || !/^(?:kubernetes|unix:\/\/\/.+|tcp:\/\/(?:\[[\da-f:]+\]|[\w.-]+):\d{1,5})$/i.test(address)) {
    throw badInput(
      'input-format-wrong',
      'builder-endpoints',
      line,
      'PLATFORMS=ADDRESS with an address tcp://HOST:PORT, unix:///PATH, or kubernetes',
      'Write for example linux/arm64=tcp://arm.example:1234.',
    );
  }
  return { platforms: [first, ...others], address: address === 'kubernetes' ? undefined : address };
}

function assertOnce(nodes: readonly BuilderNode[]): void {
  const names = nodes.flatMap(({ platforms }) => platforms.map(formatPlatform));
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice === undefined) return;
  throw badInput('platform-invalid', 'builder-endpoints', twice, 'each platform once', 'Remove the duplicate.');
}

function assertServed(platform: Platform, nodes: readonly BuilderNode[]): void {
  const name = formatPlatform(platform);
  if (nodes.some(({ platforms }) => platforms.some((one) => formatPlatform(one) === name))) return;
  const next = `Add a line for ${name}, or remove it from the input platforms.`;
  throw badInput('platform-invalid', 'builder-endpoints', name, 'a line for each platform of the build', next);
}

function narrowed(node: BuilderNode, wanted: readonly Platform[]): readonly BuilderNode[] {
  const names = new Set(wanted.map(formatPlatform));
  const [first, ...others] = node.platforms.filter((one) => names.has(formatPlatform(one)));
  return first ? [{ ...node, platforms: [first, ...others] }] : [];
}

function assertOptions(inputs: BuilderNodesInputs, nodes: readonly BuilderNode[]): void {
  if (nodes.every(({ address }) => address !== undefined)) {
    assertUnset(inputs, ['builder-driver-opts'], 'no line of builder-endpoints is `kubernetes`');
  }
  for (const [name, value] of inputs['builder-driver-opts']) {
    if (!DRIVER_OPTIONS.some((allowed) => allowed.test(name))) {
      const expected = 'an option that places, limits or marks the pod';
      const next =
        'Use one of namespace, image, rootless, serviceaccount, schedulername, nodeselector, tolerations, annotations, labels, timeout, requests.*, limits.*.';
      throw badInput('input-value-not-allowed', 'builder-driver-opts', name, expected, next);
    }
    if (name === 'image' && !/@sha256:[\da-f]{64}$/.test(value)) {
      const next = 'Write NAME@sha256:…, or remove the option to use the release that Tidegate pins.';
      throw badInput('input-value-not-allowed', 'builder-driver-opts', `image=${value}`, 'an image by digest', next);
    }
  }
}

function assertUnset(inputs: BuilderNodesInputs, names: readonly string[], because: string): void {
  for (const name of names) {
    if (inputs[name as keyof BuilderNodesInputs].length === 0) continue;
    // The value may be a key.
    throw badInput(
      'input-conflict',
      name,
      '(not shown)',
      `no value, because ${because}`,
      `Remove ${name}, or correct builder-endpoints.`,
    );
  }
}

const LOOPBACK = /^tcp:\/\/(?:localhost|127\.[\d.]+|\[::1\]):/i;

/** Sources, build secrets and layers pass through the connection: outside of this machine it must be encrypted. */
function tlsOf(inputs: BuilderNodesInputs, nodes: readonly BuilderNode[]): NodesEngine['tls'] {
  const { 'builder-ca': ca, 'builder-cert': cert, 'builder-key': key } = inputs;
  const remote = nodes.filter(({ address }) => address?.startsWith('tcp:'));
  const [open] = remote.filter(({ address = '' }) => !LOOPBACK.test(address));
  if (ca === '' && open?.address !== undefined) {
    const next =
      'Set the secrets builder-ca, builder-cert and builder-key. Pull requests of forks have no secrets: leave builder-endpoints empty for them.';
    throw badInput(
      'input-missing',
      'builder-ca',
      '',
      `the authority's certificate, because ${open.address} is another machine`,
      next,
    );
  }
  if (remote.length === 0) {
    assertUnset(inputs, ['builder-ca', 'builder-cert', 'builder-key'], 'no line of builder-endpoints has tcp://');
  }
  if ((cert === '') !== (key === '')) {
    const [missing, given] = cert === '' ? ['builder-cert', 'builder-key'] : ['builder-key', 'builder-cert'];
    throw badInput('input-missing', missing, '', `a value, because ${given} is set`, 'Set both or neither.');
  }
  if (ca === '') {
    assertUnset(inputs, ['builder-cert', 'builder-key'], 'builder-ca is empty');
    return undefined;
  }
  return { ca, client: cert === '' ? undefined : { cert, key } };
}
