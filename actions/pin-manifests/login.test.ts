import { expect, test } from '@jest/globals';
import { run } from './run.ts';

const attempt = (...images: string[]) =>
  run(
    { images, 'registry-username': 'ci', 'registry-password': 'secret' } as unknown as Parameters<typeof run>[0],
    {} as Parameters<typeof run>[1],
  );

test.each([[[]], [['**']], [['*/acme/app']], [['ghcr.io/acme/*', 'quay.io/acme/*']]])(
  'a password is refused with the images %j, because a manifest could send it anywhere',
  (images) => expect(attempt(...images)).rejects.toMatchObject({ id: 'input-conflict' }),
);

test('a password is accepted for the images of one registry', () =>
  expect(attempt('ghcr.io/acme/*', 'ghcr.io/other/app')).rejects.not.toMatchObject({ id: 'input-conflict' }));
