import { columns, visible, withoutCommands } from '@tidegate/core';

/** The result of a command. */
export interface Result {
  readonly command: string;
  readonly exitCode: number;
  /** As the action sets them: every value is text. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Only what would happen: nothing was published. */
  readonly dryRun?: true | undefined;
  readonly error?: ResultError | undefined;
  /** The report of `lint`, from the file that it writes. */
  readonly report?: unknown;
  /** File of the summary in Markdown. */
  readonly summary?: string | undefined;
}

export interface ResultError {
  readonly code: string;
  readonly title: string;
  readonly message: string;
  readonly next: string;
  readonly address: string;
}

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'unknown'] as const;

/**
 * One JSON document. Outputs that the schema declares as JSON are values in it, and null if they are empty. Characters
 * that a terminal would obey, or show in another order, are escaped, as is `##[`, which a GitHub runner reads as a
 * command anywhere in a line.
 */
export function jsonText(result: Result, schema: Schema = NO_OUTPUTS): string {
  const { outputs } = result;
  const findings = SEVERITIES.flatMap((severity) => (outputs[severity] ? [[severity, Number(outputs[severity])]] : []));
  const document = {
    ...result,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, text]) => [name, schema.outputs[name]?.json ? parsed(text) : text]),
    ),
    verdict: outputs.verdict || undefined,
    findings: findings.length > 0 ? Object.fromEntries(findings) : undefined,
  };
  const text = JSON.stringify(document, undefined, 2).replace(UNSAFE, escaped);
  return `${text.replaceAll('##[', '#\\u0023[')}\n`;
}

/** Which outputs are JSON, as the schema of an action declares it. */
interface Schema {
  readonly outputs: Readonly<Record<string, { readonly json?: boolean | undefined }>>;
}

/** Of a command that failed before it began. */
const NO_OUTPUTS: Schema = { outputs: {} };

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    // Masked, for example: the text is all that is known.
    return text;
  }
}

const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

function escaped(character: string): string {
  return [...character.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

/** A document of several lines, as it is, but for characters that a terminal or a runner would obey. */
export function documentText(text: string): string {
  return text.replace(/[^\n]+/g, (line) => withoutCommands(visible(line)));
}

/** The outputs for a reader, on stdout: name and value, one item per line. */
export function resultText(outputs: Readonly<Record<string, string>>, shown: readonly string[]): string {
  const rows = shown.flatMap((name) => {
    const lines = (outputs[name] ?? '').split('\n').filter((line) => line !== '');
    return lines.map((line, at) => [at === 0 ? name : '', withoutCommands(visible(line))]);
  });
  return rows.length === 0 ? '' : `${columns(rows)}\n`;
}
