import { expect, test } from '@jest/globals';
import { parseRemote } from './remote.ts';

test.each([
  ['git@github.com:acme/app.git', 'https://github.com', 'acme/app'],
  ['https://github.com/acme/app', 'https://github.com', 'acme/app'],
  ['https://github.com/acme/app.git/', 'https://github.com', 'acme/app'],
  ['https://user:token@github.com/acme/app.git', 'https://github.com', 'acme/app'],
  ['ssh://git@ssh.github.com:443/acme/app.git', 'https://github.com', 'acme/app'],
  ['ssh://git@git.example.org:2222/acme/app', 'https://git.example.org', 'acme/app'],
  ['http://127.0.0.1:3000/acme/app.git', 'http://127.0.0.1:3000', 'acme/app'],
  ['git@gitlab.com:group/sub/app.git', 'https://gitlab.com', 'group/sub/app'],
])('%s', (url, serverUrl, repository) => {
  expect(parseRemote(url)).toEqual({ serverUrl, repository });
});

test.each([
  '',
  '/srv/git/app.git',
  '../app',
  'file:///srv/git/app.git',
  'https://github.com/',
  'host:',
  'ext::sh -c x',
])('%j is no repository on a server', (url) => {
  expect(parseRemote(url)).toBeUndefined();
});
