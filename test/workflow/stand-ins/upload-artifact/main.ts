import { runStep } from '../step.ts';
import { upload } from './upload.ts';

await runStep(upload);
