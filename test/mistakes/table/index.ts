import type { Mistake } from '../mistake.ts';
import { DOCKERFILE } from './dockerfile.ts';
import { ORDER } from './order.ts';
import { POLICY } from './policy.ts';
import { RUN_STEPS } from './programs.ts';
import { REGISTRY } from './registry.ts';
import { RUNNER } from './runner.ts';
import { SIGNING } from './signing.ts';
import { WORKFLOW } from './workflow.ts';

/** 144 mistakes, by subject: a test holds that there are a hundred or more. */
export const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  'the workflow': WORKFLOW,
  'the Dockerfile': DOCKERFILE,
  'RUN steps': RUN_STEPS,
  'the policy': POLICY,
  'the order of steps': ORDER,
  'keys and identities': SIGNING,
  'the registry': REGISTRY,
  'the event and the runner': RUNNER,
};
