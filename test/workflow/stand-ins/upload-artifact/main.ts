import { askAsStep } from '../ask.ts';

await askAsStep('upload');
