import { appendFileSync } from 'node:fs';

/** A step that fails, with what it says. */
class StepFailure extends Error {}

/** The step's whole work; its exit code is 1 when it fails. */
export async function runStep(work: () => void | Promise<void>): Promise<void> {
  process.exitCode = 0;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    console.log(`::error::${error.message}`);
    process.exitCode = 1;
  }
}

export function input(name: string): string {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

/** As `core.getBooleanInput` reads it. */
export function flag(name: string): boolean {
  const value = input(name).toLowerCase();
  if (value === 'true' || value === 'false') return value === 'true';
  return fail(`Input does not meet YAML 1.2 "Core Schema" specification: ${name}`);
}

export function setOutput(name: string, value: string): void {
  appendFileSync(process.env.GITHUB_OUTPUT ?? fail('no GITHUB_OUTPUT'), `${name}=${value}\n`);
}

export function warn(message: string): void {
  console.log(`::warning::${message}`);
}

export function fail(message: string): never {
  throw new StepFailure(message);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
