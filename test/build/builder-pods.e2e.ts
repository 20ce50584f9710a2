/** A builder in a Kubernetes cluster: real buildx, and a stand-in for the API server that records what it asks for. */
import { kubernetesStandIn } from '../support/kubernetes-stand-in.ts';
import { kubernetesTests } from '../support/kubernetes-tests.ts';
import { theSuite } from '../support/suite.ts';

kubernetesTests(await theSuite(), async () => kubernetesStandIn());
