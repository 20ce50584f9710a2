import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { formatPlatform, parsePlatform } from './platform.ts';

describe('a platform', () => {
  test.each([
    ['linux/amd64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/v9', 'linux/arm64/v9'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/i386', 'linux/386'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    [' Linux/AMD64 ', 'linux/amd64'],
    ['linux/riscv64', 'linux/riscv64'],
    ['windows/amd64', 'windows/amd64'],
    ['wasip1/wasm', 'wasip1/wasm'],
    // containerd/platforms, database.go, normalizeArch: variants without their v, and names that imply one.
    ['linux/arm/5', 'linux/arm/v5'],
    ['linux/arm/6', 'linux/arm/v6'],
    ['linux/arm/7', 'linux/arm/v7'],
    ['linux/arm/8', 'linux/arm/v8'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm64/v8.0', 'linux/arm64'],
    ['linux/arm64/v8.2', 'linux/arm64/v8.2'],
    ['linux/arm64/9', 'linux/arm64/v9'],
    ['linux/arm64/9.0', 'linux/arm64/v9'],
    ['linux/arm64/v9.0', 'linux/arm64/v9'],
    ['linux/aarch64/8', 'linux/arm64'],
    ['linux/x86-64/v1', 'linux/amd64'],
    ['linux/x86_64/v2', 'linux/amd64/v2'],
    ['linux/armhf/v6', 'linux/arm/v7'],
    ['linux/i386/v1', 'linux/386'],
    ['macos/arm64', 'darwin/arm64'],
  ])('%s is %s', (text, normal) => {
    expect(formatPlatform(parsePlatform(text))).toBe(normal);
    expect(parsePlatform(normal)).toEqual(parsePlatform(text));
  });

  test.each([
    '',
    'linux',
    'amd64',
    'linux/',
    '/amd64',
    'linux/amd64/',
    'linux/amd64/v9',
    'linux/arm/v9',
    'linux/arm/9',
    'linux/arm64/7',
    'linux/amd64/1',
    'linux/arm64/v8/x',
    'linux/s390x/v1',
    'linux/z80',
    'plan9/amd64',
    'unknown/unknown',
    'linux/amd64,linux/arm64',
    'linux amd64',
    'linux/amd64;id',
    '__proto__/constructor',
    'linux/toString',
  ])('%j is none', (text) => {
    expect(() => parsePlatform(text)).toThrow(TidegateError);
    expect(() => parsePlatform(text)).toThrow(/^Input platforms: got /);
  });
});
