/** Exit codes of the command line: passed, failed, wrong command line or configuration, refused by the policy. */
export const EXIT = { ok: 0, broke: 1, usage: 2, refused: 3 } as const;
