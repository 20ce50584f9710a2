import { runAction } from '@tidegate/runner';
import { action } from './action.ts';
import { run } from './run.ts';
import { AS_SERVER, serve } from './server.ts';
import { stopServer } from './start.ts';

// The registry outlives the step in a process of its own, which runs this same file.
if (process.argv[2] === AS_SERVER) await serve(process.argv[3] ?? '');
else await runAction(action, run, stopServer);
