import { describe, expect, test } from '@jest/globals';
import { isSecretName, isSecretValue } from './names.ts';
import { isPlaceholder } from './placeholders.ts';

describe('a name of a secret', () => {
  test.each([
    ...['NPM_TOKEN', 'db_password', 'PGPASSWORD', 'MYSQL_PWD', 'DBPASS', 'DB_PASS', 'SSHPASS', 'dbpasswd', 'APIKEY'],
    ...[
      'OPENAI_API_KEY',
      'GHTOKEN',
      'CLIENTSECRET',
      'SECRET_KEY_BASE',
      'RAILS_MASTER_KEY',
      'REDISCLI_AUTH',
      'PASSWORD_1',
    ],
    ...[
      'RABBITMQ_DEFAULT_PASS',
      'AWS_SECRET_ACCESS_KEY',
      'acme.api-key',
      'NODE_AUTH_TOKEN',
      'JWT_SECRET',
      'TOKEN_PROD',
    ],
  ])('%s', (name) => expect(isSecretName(name)).toBe(true));

  test.each([
    ...['DB_PASSWORD_FILE', 'TOKEN_URL', 'AWS_ACCESS_KEY_ID', 'PUBLIC_KEY', 'NEXT_PUBLIC_API_KEY', 'VITE_TOKEN'],
    ...['MAX_TOKENS', 'OPENAI_MAX_TOKENS', 'TOKENS_PER_MINUTE', 'PASSWORD_MIN_LENGTH', 'PASSWORD_RESET_TIMEOUT'],
    ...['SECRETS_BACKEND', 'AWS_SECRETS_MANAGER_PREFIX', 'TOKEN_AUDIENCE', 'SECRET_KEY_BASE_DUMMY', 'PROXY_BYPASS'],
    ...['TOKENIZERS_PARALLELISM', 'MONKEY', 'KEYBOARD', 'AUTHOR', 'COMPASS', 'PASSENGERS', 'PASSWORDLESS', 'GPG_KEY'],
    ...['MYSQL_ALLOW_EMPTY_PASSWORD', 'API_KEY_HEADER', 'GIT_CREDENTIAL_HELPER', 'JWT_ACCESS_TOKEN_EXPIRATION'],
  ])('is not %s', (name) => expect(isSecretName(name)).toBe(false));
});

describe('a placeholder', () => {
  test.each([
    ...[
      'dummy',
      'changeme',
      'change-me',
      '!ChangeMe!',
      'CHANGE_ME_IN_PRODUCTION',
      'your-secret-key',
      'password',
      'secret',
    ],
    ...[
      'password123',
      'Passw0rd!',
      'P@ssw0rd',
      'yourStrong(!)Password',
      'Your_password123',
      'mysecretpassword',
      'xxxx',
    ],
    ...[
      'minioadmin',
      'placeholder',
      'build-time-only',
      'not-a-real-secret',
      'test',
      'test-key-1',
      '1234',
      '123456',
      '000000',
    ],
    ...['django-insecure-8x!k2', 'fake_8f3k', 'supersecret', 'put your unique phrase here', 'postgres', 'example'],
  ])('%s', (value) => {
    expect(isPlaceholder(value)).toBe(true);
    expect(isSecretValue(value)).toBe(false);
  });

  test.each([
    ...['hunter2', 'correct-horse', 's3cretvalue', 's3cr3t-s3cr3t', 'kR7.pq2w', 'abc123', '48219375', 'pw9', 'p', 'PW'],
    ...['3f1c9b7d5e2a4c6f8091a2b3c4d5e6f7', '12ab34cd', 'password-kR7', 'v9'],
  ])('is not %s', (value) => expect(isPlaceholder(value)).toBe(false));
});

test.each([
  ...['$TOKEN', '%TOKEN%', '<token>', '{{ token }}', '((token))', '#{Token}', '__TOKEN__', '@token@', 'ENC[AES256,x]'],
  ...[
    '/run/secrets/x',
    'https://vault.example.org',
    'vault:secret/x',
    'op://v/x',
    'arn:aws:x',
    'true',
    '',
    'x',
    '****',
  ],
])('%s is a placeholder for a secret', (value) => expect(isSecretValue(value)).toBe(false));
