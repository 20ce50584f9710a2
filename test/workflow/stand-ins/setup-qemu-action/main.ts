import { fail, input, runStep, setOutput } from '../step.ts';

await runStep(() => {
  if (input('cache-image') !== 'false') fail('cache-image: the stand-in knows only false');
  if (!/@sha256:[0-9a-f]{64}$/.test(input('image'))) fail('image: the stand-in knows only one by digest');
  setOutput('platforms', input('platforms'));
});
