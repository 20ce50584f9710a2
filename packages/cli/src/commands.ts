import type { ActionSpec, Host, Run } from '@tidegate/runner';

/** A command that runs an action. Its code is loaded when it is used: help and completion need the schema only. */
export interface ActionCommand {
  readonly name: string;
  readonly summary: string;
  /**
   * `needed`: it fails without the commit that is checked out. `used`: it judges by that commit's policy, if there is
   * one. `folder`: it reads the work tree of the checkout. `none`: it reads no checkout.
   */
  readonly commit: 'needed' | 'used' | 'folder' | 'none';
  /** It publishes if the plan says so. */
  readonly publishes?: boolean | undefined;
  /** It makes a new layout. */
  readonly builds?: boolean | undefined;
  /** Output with the path of an HTML page, which a browser may open. */
  readonly page?: string | undefined;
  /** Output that is a whole document: printed without its name, so that it can be redirected to a file. */
  readonly document?: string | undefined;
  /** Output with the path of a report in JSON, which `--json` prints as a value. */
  readonly report?: string | undefined;
  /** Outputs for the terminal, in this order. */
  readonly shown: readonly string[];
  schema(): Promise<ActionSpec>;
  /** @returns the exit code of the action. */
  run(host: Host): Promise<number>;
}

interface Parts<A extends ActionSpec> extends Omit<ActionCommand, 'schema' | 'run'> {
  readonly action: () => Promise<{ readonly action: A }>;
  readonly code: () => Promise<{ readonly run: Run<A> }>;
}

function actionCommand<const A extends ActionSpec>({ action, code, ...command }: Parts<A>): ActionCommand {
  return {
    ...command,
    schema: async () => (await action()).action,
    async run(host) {
      const [{ runAndClean }, spec, { run }] = await Promise.all([import('./run-and-clean.ts'), action(), code()]);
      return runAndClean(spec.action, run, host);
    },
  };
}

const IMAGE = ['digest', 'platforms', 'layout'];

export const ACTION_COMMANDS: readonly ActionCommand[] = [
  actionCommand({
    ...{ name: 'ship', commit: 'needed', publishes: true, builds: true },
    summary: 'From commit to registry: build, SBOM, scan, gate, sign, push, verify, tag.',
    shown: ['verdict', 'all-references', 'all-tags', 'digest', 'layout', 'report-paths'],
    action: () => import('../../../actions/ship/action.ts'),
    code: () => import('../../../actions/ship/run.ts'),
  }),
  actionCommand({
    ...{ name: 'build', commit: 'needed', builds: true },
    summary: 'Build the image into an OCI image layout.',
    shown: IMAGE,
    action: () => import('../../../actions/build-image/action.ts'),
    code: () => import('../../../actions/build-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'lint', commit: 'folder', report: 'findings-path' },
    summary: 'Check Dockerfiles and sources before the build.',
    shown: ['errors', 'warnings', 'findings', 'findings-path'],
    action: () => import('./lint/action.ts'),
    code: () => import('./lint/run.ts'),
  }),
  actionCommand({
    ...{ name: 'sbom', commit: 'used' },
    summary: 'Catalog the packages of the layout, as SPDX and CycloneDX.',
    shown: ['spdx-paths', 'cyclonedx-paths'],
    action: () => import('../../../actions/generate-sbom/action.ts'),
    code: () => import('../../../actions/generate-sbom/run.ts'),
  }),
  actionCommand({
    ...{ name: 'scan', commit: 'used' },
    summary: 'Scan the layout, or a published image, and apply the gate.',
    shown: ['verdict', 'critical', 'high', 'medium', 'low', 'unknown', 'reference', 'digest', 'report-paths'],
    action: () => import('../../../actions/scan-image/action.ts'),
    code: () => import('../../../actions/scan-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'test', commit: 'used' },
    summary: 'Test the image of the layout: commands, files, metadata, health.',
    shown: ['digest', 'layout'],
    action: () => import('../../../actions/test-image/action.ts'),
    code: () => import('../../../actions/test-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'sign', commit: 'used' },
    summary: 'Sign the image and the evidence in the layout.',
    shown: ['digest', 'signatures', 'signer'],
    action: () => import('../../../actions/sign-image/action.ts'),
    code: () => import('../../../actions/sign-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'push', commit: 'needed', publishes: true },
    summary: 'Apply the gate, push the layout, read it back, and set the tags last.',
    shown: ['all-references', 'all-tags', 'published', 'digest'],
    action: () => import('../../../actions/push-image/action.ts'),
    code: () => import('../../../actions/push-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'verify', commit: 'none' },
    summary: 'Verify a published image or a layout: signer, source, evidence, verdict.',
    shown: ['verified', 'reference', 'digest'],
    action: () => import('../../../actions/verify-image/action.ts'),
    code: () => import('../../../actions/verify-image/run.ts'),
  }),
  actionCommand({
    ...{ name: 'pin', commit: 'folder' },
    summary: 'Write the digests of verified images into manifests, or update those of base images (--bases).',
    shown: ['changed-files', 'pull-request-url'],
    action: () => import('../../../actions/pin-manifests/action.ts'),
    code: () => import('../../../actions/pin-manifests/run.ts'),
  }),
  actionCommand({
    ...{ name: 'plan', commit: 'needed' },
    summary: 'Print tags, platforms, policy, and whether this commit would be published.',
    shown: [
      'publish',
      'why',
      'images',
      'targets',
      'left-out',
      'tags',
      'platforms',
      'signing',
      'policy-path',
      'policy-sha256',
    ],
    action: () => import('../../../actions/plan/action.ts'),
    code: () => import('../../../actions/plan/run.ts'),
  }),
  actionCommand({
    ...{ name: 'policy test', commit: 'folder' },
    summary: 'Judge published images under the policy in the work tree, or at a future date.',
    shown: ['verdict', 'table'],
    action: () => import('./policy-test/action.ts'),
    code: () => import('./policy-test/run.ts'),
  }),
  actionCommand({
    ...{ name: 'policy show', commit: 'folder' },
    summary: 'Print the effective policy of the work tree: preset, file, what it extends, flags.',
    shown: [],
    document: 'file',
    action: () => import('./policy-show/action.ts'),
    code: () => import('./policy-show/run.ts'),
  }),
  actionCommand({
    ...{ name: 'report', commit: 'folder', page: 'html-path' },
    summary: 'Write and open the HTML report of a scanned layout or a published image, and write JSON and SARIF.',
    shown: ['verdict', 'html-path', 'json-path', 'sarif-path'],
    action: () => import('./report/action.ts'),
    code: () => import('./report/run.ts'),
  }),
  actionCommand({
    ...{ name: 'doctor', commit: 'none' },
    summary: 'Check engine, emulation, disk, tools, network, registry login and clock.',
    shown: [],
    action: () => import('./doctor/action.ts'),
    code: () => import('./doctor/run.ts'),
  }),
];

export function actionCommandNamed(name: string): ActionCommand | undefined {
  return ACTION_COMMANDS.find((command) => command.name === name);
}
