import { appendFileSync } from 'node:fs';

export function input(name: string): string {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

export function setOutput(name: string, value: string): void {
  appendFileSync(process.env.GITHUB_OUTPUT ?? fail('no GITHUB_OUTPUT'), `${name}=${value}\n`);
}

export function fail(message: string): never {
  console.log(`::error::${message}`);
  process.exit(1);
}
