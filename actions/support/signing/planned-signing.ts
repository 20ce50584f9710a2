import type { Job } from '@tidegate/runner';
import { assertMayBeLogged } from '../reports/public-log.ts';
import { assertRootGiven } from './root-given.ts';
import { assertMayBeUnsigned, type SigningMode, signingMode } from './signing-mode.ts';

export interface PlanInputs {
  readonly signing: SigningMode | '';
  readonly 'key-given': 'true' | 'false' | 'unknown';
  readonly 'signing-config': string;
  readonly 'trusted-root': string;
  readonly 'public-log': 'refuse' | 'allow';
  readonly token: string;
}

/**
 * How another job will sign, with every failure that can be found before an image is built.
 * @returns '' if only that job knows whether it has a key
 */
export async function plannedSigning(
  inputs: PlanInputs,
  required: readonly string[],
  job: Job,
): Promise<SigningMode | ''> {
  const { signing, 'key-given': given } = inputs;
  const mode = given === 'unknown' ? signing : signingMode(signing, given === 'true');
  if (mode !== '') assertMayBeUnsigned(mode, required);
  if (mode === 'keyless') {
    assertRootGiven(inputs);
    // Loaded only here: signing takes half of an action's start-up time.
    const [{ servicesOf }, { rootsOf }] = await Promise.all([import('./signing.ts'), import('./trusted-root.ts')]);
    await assertMayBeLogged(inputs, await servicesOf(inputs, job), job);
    await rootsOf(inputs['trusted-root'], job);
  }
  return mode;
}
