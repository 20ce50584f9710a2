import { expect, test } from '@jest/globals';
import { parsePlatform } from '../image/platform.ts';
import { planRunners } from './runners.ts';

const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map((text) => parsePlatform(text));
const runners = (...lines: string[]) => PLATFORMS.map(planRunners(lines, PLATFORMS));

test.each<[string[], unknown[]]>([
  [[], ['ubuntu-24.04', 'ubuntu-24.04-arm', 'ubuntu-24.04']],
  [['big'], ['big', 'big', 'big']],
  [['[self-hosted, linux]'], Array(3).fill(['self-hosted', 'linux'])],
  [['linux/arm64=[self-hosted, arm]'], ['ubuntu-24.04', ['self-hosted', 'arm'], 'ubuntu-24.04']],
  [
    ['linux/arm64,linux/arm/v7=arc-arm', 'arc'],
    ['arc', 'arc-arm', 'arc-arm'],
  ],
  [['linux/aarch64=["self-hosted", arm]'], ['ubuntu-24.04', ['self-hosted', 'arm'], 'ubuntu-24.04']],
])('%j', (lines, expected) => {
  expect(runners(...lines)).toEqual(expected);
});

test.each<[string[], RegExp]>([
  [['linux/s390x=z'], /^Input runner: got "linux\/s390x", expected platforms of this image\.$/],
  [['linux/arm64=a', 'linux/arm64=b'], /one runner per platform/],
  [['big', 'small'], /one runner per platform/],
  [['linux/arm64='], /a runner label or \[LABEL, LABEL\]/],
  [['[a,,b]'], /a runner label or/],
  [['a, b'], /a runner label or/],
  [['linux/arm64=a;b'], /a runner label or/],
])('%j is an error', (lines, says) => {
  expect(() => runners(...lines)).toThrow(says);
});
