/**
 * Behavior of a cluster that Tidegate relies on in builds, at a real API server. `test/build/builder-pods.e2e.ts` runs
 * the same tests with our stand-in, which must be no kinder. No kubelet runs here: no builder pod becomes ready.
 */
import { request } from 'node:https';
import { afterAll, beforeAll } from '@jest/globals';
import { type Cluster, startCluster } from '@tidegate/testkit';
import { type Kubernetes, NAMESPACES } from '../support/kubernetes-api.ts';
import { kubernetesTests } from '../support/kubernetes-tests.ts';
import { theSuite } from '../support/suite.ts';

const running = new AsyncDisposableStack();
let kubernetes: Kubernetes;
beforeAll(async () => {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const cluster = running.use(await startCluster({ users: ['nobody'], log }));
  for (const name of NAMESPACES.filter((name) => name !== 'default')) await cluster.addNamespace(name);
  kubernetes = forwardedTo(cluster);
}, 3_600_000);
afterAll(() => running.disposeAsync());

kubernetesTests(await theSuite(), async () => kubernetes);

/** Each request as it came, protobuf too. Only the encoding of the answer is not passed on, so none is asked for. */
function forwardedTo({ url, ca }: Cluster): Kubernetes {
  return ({ method, path, headers: { host: _, 'accept-encoding': __, ...headers }, body }) =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, headers, ca, agent: false }, async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const { statusCode: status = 0, headers: got } = response;
          resolve({ status, type: got['content-type'] ?? '', body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      });
      sent.on('error', reject);
      sent.end(body);
    });
}
