import { expect, test } from '@jest/globals';
import { assertRepository } from './image.ts';

test.each(['ghcr.io/acme/app', 'localhost:5000/app', 'acme/app'])('%s is a repository', (text) => {
  expect(() => assertRepository(text)).not.toThrow();
});

test.each([
  ['bad image!', '--image: got "bad image!"'],
  ['ghcr.io/Acme/app', '--image: got "ghcr.io/Acme/app"'],
  ['ghcr.io/acme/app:v1', '--image: got "ghcr.io/acme/app:v1", which has a tag.'],
  [`ghcr.io/acme/app@sha256:${'0'.repeat(64)}`, 'which has a digest.'],
])('%s is refused', (text, message) => {
  expect(() => assertRepository(text)).toThrow(
    expect.objectContaining({ id: 'command-line-invalid', message: expect.stringContaining(message) }),
  );
});
