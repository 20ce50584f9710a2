import { runAction } from '@tidegate/runner';
import { stopOwnBuildkit } from '../support/build/buildkit.ts';
import { action } from './action.ts';

// The stages are loaded once the inputs are read: a wrong input is reported at once, and the post step needs none.
await runAction(action, async (...step) => (await import('./run.ts')).run(...step), stopOwnBuildkit);
