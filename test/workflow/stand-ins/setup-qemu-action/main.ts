import { fail, input, runStep, setOutput } from '../step.ts';

await runStep(() => {
  if (input('cache-image') !== 'false') fail('cache-image: the stand-in knows only false');
  setOutput('platforms', input('platforms'));
});
