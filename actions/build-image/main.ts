import { runAction } from '@tidegate/runner';
import { stopOwnBuildkit } from '../support/build/buildkit.ts';
import { action } from './action.ts';
import { run } from './run.ts';

await runAction(action, run, stopOwnBuildkit);
