/** The result of one check. Raw: the log escapes it. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** How to fix it, in the imperative. */
  readonly fix?: string | undefined;
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail });
export const warning = (name: string, detail: string, fix: string): Check => ({ name, status: 'warning', detail, fix });
export const failed = (name: string, detail: string, fix: string): Check => ({ name, status: 'failed', detail, fix });
