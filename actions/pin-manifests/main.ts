import { runAction } from '@tidegate/runner';
import { action } from './action.ts';
import { run } from './run.ts';

await runAction(action, run);
