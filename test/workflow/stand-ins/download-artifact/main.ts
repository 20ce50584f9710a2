import { runStep } from '../step.ts';
import { download } from './download.ts';

await runStep(download);
