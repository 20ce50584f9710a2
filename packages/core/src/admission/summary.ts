import { codeBlock, escapeMarkdown, folded, inlineCode, table } from '../text/markdown.ts';
import { clipped } from '../text/wording.ts';
import type { Check, RefusedFact } from './check.ts';
import { clusterPolicies } from './cluster-policies.ts';
import { shellLines } from './commands.ts';
import type { Admission } from './signer.ts';

export interface VerificationFacts {
  /** The image by digest. */
  readonly name: string;
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly refused: readonly RefusedFact[];
  /** For an image in a registry: the data for the same checks by a cluster and a command line. */
  readonly admission?: Admission | undefined;
  readonly reference?: string | undefined;
  readonly trustedRoot?: string | undefined;
}

const MARK = { pass: '✅', fail: '❌', 'not-applicable': '➖' } as const;
const WORD = { pass: 'pass', fail: 'FAIL', 'not-applicable': '-' } as const;
const LONGEST = 600;
const MOST_REFUSED = 20;

/** For the log: one line per check. Text from outside stays raw: the log makes it harmless. */
export function verificationTable(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(({ name, outcome, why }) => `${WORD[outcome].padEnd(4)}  ${name.padEnd(width)}  ${clipped(why, LONGEST)}`)
    .join('\n');
}

/** The job summary of a verification. Every text from outside is escaped here. */
export function verificationMarkdown(facts: VerificationFacts): string {
  const rows = facts.checks.map(({ name, outcome, why }) => [
    MARK[outcome],
    escapeMarkdown(name),
    escapeMarkdown(clipped(why, LONGEST)),
  ]);
  const parts = [
    `## ${facts.passed ? '✅ Verified' : '❌ Verification failed: do not deploy'}\n\n${inlineCode(facts.name)}`,
    table(['', 'Check', 'Details'], rows),
    refusedSection(facts.refused),
    facts.admission && facts.reference ? admissionMarkdown(facts.admission, facts.reference, facts.trustedRoot) : '',
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function refusedSection(refused: readonly RefusedFact[]): string {
  if (refused.length === 0) return '';
  const rows = refused
    .slice(0, MOST_REFUSED)
    .map(({ subject, where, why }) => [
      inlineCode(subject.slice(0, 19)),
      inlineCode(clipped(where, 100)),
      escapeMarkdown(clipped(why, LONGEST)),
    ]);
  const more = refused.length > MOST_REFUSED ? `\n\n${refused.length - MOST_REFUSED} more.` : '';
  return folded('Signatures that failed verification', `${table(['Subject', 'Location', 'Reason'], rows)}${more}`);
}

/** The same checks for a cluster or a shell, generated from one identity. */
export function admissionMarkdown(admission: Admission, reference: string, trustedRoot?: string): string {
  const options = { reference, trustedRoot };
  const commands = shellLines(admission, options);
  const { written, missing } = clusterPolicies(admission);
  const parts = [
    folded('Verify from a shell', codeBlock(commands.join('\n'), 'sh')),
    ...written.map(({ controller, text }) => folded(`Policy for ${controller}`, codeBlock(text.trimEnd(), 'yaml'))),
    ...(missing.length > 0
      ? [folded('Other controllers', missing.map((why) => escapeMarkdown(why)).join('\n\n'))]
      : []),
  ];
  return parts.join('\n\n');
}
