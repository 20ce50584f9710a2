/** How a process ends: with its code, at once if nothing is left to do, and in any case. */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const module = JSON.stringify(new URL('end-process.ts', import.meta.url).href);

function ended(before: string): { readonly code: number | null; readonly said: string } {
  const script = `import { endProcess } from ${module};
    const exit = process.exit;
    process.exit = (code) => { console.log('exit'); exit(code); };
    ${before}
    endProcess(3);`;
  const argv = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script];
  const { status, stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 60_000 });
  return { code: status, said: stdout.trim() };
}

test('a process with nothing left to do ends by itself', () => {
  expect(ended('')).toEqual({ code: 3, said: '' });
});

test('a process with a file to write ends by itself, after it', () => {
  const writes = `import('node:fs').then(({ writeFile }) => writeFile('/dev/null', 'x', () => console.log('written')));`;
  expect(ended(writes)).toEqual({ code: 3, said: 'written' });
});

test('a connection or a timer that stays open does not keep it alive', () => {
  expect(ended('setInterval(() => {}, 60_000);')).toEqual({ code: 3, said: 'exit' });
});
