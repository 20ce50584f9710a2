/** The kind of error, in one word that code may branch on. Many codes share a kind. */
export type ErrorKind =
  | 'bad-input'
  | 'not-found'
  | 'unauthorized'
  | 'registry'
  | 'network'
  | 'layout'
  | 'integrity'
  | 'tool'
  | 'evidence'
  | 'gate'
  | 'signature'
  | 'conflict'
  | 'disk'
  | 'cancelled'
  | 'bug';

/** One way in which a run can fail. The message of an error says what happened; this says what that means. */
export interface ErrorEntry {
  /** Stable: users search for it, and pages link to it. The code of a removed entry is not used again. */
  readonly code: `TG${number}`;
  readonly kind: ErrorKind;
  /** The failure in a few words: the headline of the job summary. */
  readonly title: string;
  /** Why it fails, for somebody who meets it for the first time. Markdown. */
  readonly cause: string;
  /** The next step, in the imperative. Markdown. */
  readonly fix: string;
}

export type ErrorEntries = Readonly<Record<string, ErrorEntry>>;
