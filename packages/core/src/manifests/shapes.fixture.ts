/**
 * For tests: manifests in the forms in which people write them. Those of Kubernetes' own kinds are complete: an API server
 * accepts them (`test/cluster/api-server.e2e.ts`).
 */
import type { ImagePath } from './image-paths.ts';

interface Shape {
  readonly kind: string;
  readonly file: string;
  readonly text: string;
  /** The images, as a cluster reads them. */
  readonly images: readonly string[];
  readonly paths?: readonly ImagePath[];
}

const A = 'ghcr.io/acme/app:1.2.3';
const B = 'docker.io/library/busybox:1.37';
const meta = (name: string) => `metadata:\n  name: ${name}\n  labels: {app.kubernetes.io/name: "${name}"}  # kept\n`;

function indented(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}

const POD = `initContainers:
# waits for the database
- name: wait
  image: '${B}'   # small
  command: [sh, -c, "until nc -z db 5432; do sleep 1; done\\t"]
containers:
- name: app
  image: ${A}
  args: ["--image=${A}"]
  env:
  - {name: IMAGE, value: "${A}"}
- image: "registry.example.com:5000/team/side-car:v2"
  name: side
volumes:
- name: data
  emptyDir: {}
- name: model
  image:
    reference: ghcr.io/acme/model:7
    pullPolicy: IfNotPresent
`;
const POD_IMAGES = [B, A, 'registry.example.com:5000/team/side-car:v2', 'ghcr.io/acme/model:7'];

/** @param more fields of its spec, indented by two */
const template = (apiVersion: string, kind: string, more: string, pod = POD): Shape => ({
  ...{ kind, file: `${kind}.yaml`, images: POD_IMAGES },
  text: `apiVersion: ${apiVersion}\nkind: ${kind}\n${meta('app')}spec:\n${more}  template:\n    metadata: {labels: {a: b}}\n    spec:\n${indented(pod, 6)}`,
});
const SELECTED = '  selector: {matchLabels: {a: b}}\n';
const ONCE = `${POD}restartPolicy: Never\n`;

/** Of Kubernetes' own kinds. */
const WORKLOADS: readonly Shape[] = [
  {
    kind: 'Pod',
    file: 'pod.yaml',
    images: POD_IMAGES,
    text: `apiVersion: v1\nkind: Pod\n${meta('p')}spec:\n${indented(POD, 2)}`,
  },
  template('apps/v1', 'Deployment', `  replicas: 2\n${SELECTED}`),
  template('apps/v1', 'StatefulSet', `  replicas: 2\n  serviceName: app\n${SELECTED}`),
  template('apps/v1', 'DaemonSet', SELECTED),
  template('apps/v1', 'ReplicaSet', `  replicas: 2\n${SELECTED}`),
  template('v1', 'ReplicationController', '  replicas: 2\n  selector: {a: b}\n'),
  template('batch/v1', 'Job', '  backoffLimit: 2\n', ONCE),
  {
    ...{ kind: 'CronJob', file: 'cron.yml', images: POD_IMAGES },
    text: `apiVersion: batch/v1\nkind: CronJob\n${meta('c')}spec:\n  schedule: "*/5 * * * *"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n${indented(ONCE, 10)}`,
  },
  {
    ...{ kind: 'PodTemplate', file: 't.yaml', images: POD_IMAGES },
    text: `apiVersion: v1\nkind: PodTemplate\n${meta('t')}template:\n  metadata: {labels: {a: b}}\n  spec:\n${indented(POD, 4)}`,
  },
  {
    ...{ kind: 'List', file: 'list.yaml', images: [A, A, B] },
    text: `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: ${A}}]}}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n  spec:\n    containers: [{name: b, image: "${A}"}]\n    ephemeralContainers:\n      - {image: "${B}", name: debug}\n`,
  },
];

const ROLLOUT: ImagePath = { kind: 'Rollout', path: ['spec', 'template', 'spec', 'containers[]', 'image'] };

const OTHERS: readonly Shape[] = [
  {
    ...{ kind: 'custom resource', file: 'rollout.yaml', images: [A, B], paths: [ROLLOUT] },
    text: `apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  template:\n    spec:\n      containers:\n        - name: a\n          image: ${A}\n        - name: b\n          image: ${B}\n`,
  },
  {
    ...{
      kind: 'custom resource',
      file: 'db.yaml',
      images: [A],
      paths: [{ kind: 'Database', path: ['spec', 'image'] }],
    },
    text: `apiVersion: example.com/v1\nkind: Database\nspec:\n  image: {repository: ghcr.io/acme/app, tag: "1.2.3"}\n`,
  },
  {
    ...{
      kind: 'Kustomize',
      file: 'overlays/prod/kustomization.yaml',
      images: [A, 'busybox:1.37', `${B}@sha256:${'0'.repeat(64)}`],
    },
    text: `resources:\n  - ../../base\nimages:\n  - name: app\n    newName: ghcr.io/acme/app # ours\n    newTag: 1.2.3\n  - {name: busybox, newTag: "1.37"}\n  - name: b\n    newName: docker.io/library/busybox\n    digest: sha256:${'0'.repeat(64)}\n    newTag: '1.37'\n`,
  },
  {
    ...{ kind: 'Kustomize', file: 'kustomization.yml', images: [A] },
    text: `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- newTag: 1.2.3\n  newName: ghcr.io/acme/app\n  name: ghcr.io/acme/app\n`,
  },
  {
    ...{ kind: 'Helm values', file: 'values.yaml', images: [A, B, 'quay.io/x/y:v1', 'ghcr.io/acme/job:2'] },
    text: `# values of the chart\nreplicaCount: 1\nimage:\n  repository: ghcr.io/acme/app\n  pullPolicy: IfNotPresent\n  tag: "1.2.3"\nredis:\n  image:\n    registry: docker.io\n    repository: library/busybox\n    tag: '1.37'\n    digest: ""\nsidecars:\n  - name: a\n    image: quay.io/x/y:v1\nmigrationImage: ghcr.io/acme/job:2\n`,
  },
  {
    ...{ kind: 'Helm values', file: 'charts/app/values-prod.yaml', images: [`${A}@sha256:${'0'.repeat(64)}`] },
    text: `global: {}\napp: {image: {repository: ghcr.io/acme/app, tag: 1.2.3, digest: sha256:${'0'.repeat(64)}}}\n`.replace(
      '1.2.3, digest',
      '1.2.3, digest',
    ),
  },
  {
    ...{ kind: 'Compose', file: 'compose.yaml', images: [A, B] },
    text: `x-base: &base\n  image: ${A}\n  restart: always\nservices:\n  web:\n    <<: *base\n    ports: ["8080:80"]\n  worker:\n    <<: *base\n    command: work\n  cache:\n    image: "${B}"\n`,
  },
  {
    ...{ kind: 'Compose', file: 'docker-compose.override.yml', images: ['redis:latest', B] },
    text: `version: '3.9'\nservices:\n  redis:\n    image: redis\n    volumes: !override []\n  tool: {image: ${B}, profiles: [debug]}\n`,
  },
  {
    ...{ kind: 'Argo CD', file: 'app.yaml', images: [A, 'ghcr.io/acme/app:1.2.3', B] },
    text: `apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    kustomize:\n      images:\n        - app=${A}\n    helm:\n      parameters:\n        - name: image.repository\n          value: ghcr.io/acme/app\n        - name: image.tag\n          value: "1.2.3"\n      valuesObject:\n        init:\n          image: ${B}\n`,
  },
  {
    ...{ kind: 'Argo CD', file: 'set.yaml', images: [A] },
    text: `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  goTemplate: true\n  template:\n    metadata:\n      name: '{{ .name }}'\n    spec:\n      sources:\n      - kustomize:\n          images: ["app=${A}"]\n`,
  },
  {
    ...{ kind: 'Flux', file: 'release.yaml', images: [A, B] },
    text: `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  interval: 5m\n  values:\n    image:\n      repository: ghcr.io/acme/app\n      tag: 1.2.3 # {"$imagepolicy": "flux-system:app:tag"}\n    metrics: {image: "${B}"}\n`,
  },
  {
    ...{ kind: 'Flux', file: 'sync.yaml', images: [A] },
    text: `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  images:\n    - name: app\n      newName: ghcr.io/acme/app\n      newTag: 1.2.3\n`,
  },
];

/** The same manifest, as other editors write it. */
const FORMS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['Windows line ends', (text) => text.replaceAll('\n', '\r\n')],
  ['no newline at the end, a byte order mark', (text) => `\ufeff${text.replace(/\n$/, '')}`],
  [
    'between other documents',
    (text) =>
      `# file\n---\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\ndata:\n  a: |\n    image: a:1\n    \tb\n...\n---\n${text}---\n# end\n`,
  ],
];

type Named = readonly [name: string, shape: Shape];

const inEachForm = (shapes: readonly Shape[]): readonly Named[] =>
  shapes.flatMap((shape) =>
    FORMS.map(
      ([form, change]) => [`${shape.kind} in ${shape.file}, ${form}`, { ...shape, text: change(shape.text) }] as const,
    ),
  );

export const WORKLOAD_SHAPES = inEachForm(WORKLOADS);
export const SHAPES: readonly Named[] = [...WORKLOAD_SHAPES, ...inEachForm(OTHERS)];
