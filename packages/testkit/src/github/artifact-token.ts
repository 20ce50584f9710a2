/** `ACTIONS_RUNTIME_TOKEN`: a token of one job of one attempt of a run. Unsigned: only the two ids in it are read. */
export function artifactToken(run: string, job: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part({ scp: `Actions.Results:${run}:${job}` })}.`;
}

/** The attempt and the job of a token, also as a header; empty without a token. */
export function scopeOf(token: string): { readonly run: string; readonly job: string } {
  const payload = token.replace(/^Bearer /, '').split('.')[1];
  const { scp }: { scp?: unknown } = payload ? JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) : {};
  const [, run = '', job = ''] = typeof scp === 'string' ? scp.split(':') : [];
  return { run, job };
}
