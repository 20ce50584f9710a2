/**
 * Secrets taken out of text in every form they are likely to leak in. The runner masks its own log too, but not what
 * goes to files (summary, outputs), and outside a runner nobody does.
 */
export interface Redactor {
  add(secret: string): void;
  redact(text: string): string;
}

const REDACTED = '***';

/** Characters. A shorter secret (`{}`, `1`), or a form of it, would match half the log. */
export const SHORTEST_MASKED = 6;

export function createRedactor(): Redactor {
  const forms = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    add(secret) {
      for (const form of formsOf(secret)) forms.add(form);
      // Longest first: a whole key is taken out before one of its lines.
      const sorted = [...forms].sort((a, b) => b.length - a.length);
      pattern = sorted.length === 0 ? undefined : new RegExp(sorted.map(quoted).join('|'), 'g');
    },
    redact: (text) => (pattern === undefined ? text : text.replace(pattern, REDACTED)),
  };
}

/** The lines of a secret that are taken out by themselves: `{` of a JSON file would match half the log. */
export function secretLines(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  return lines.filter((line) => line.length >= SHORTEST_MASKED);
}

function formsOf(secret: string): string[] {
  const parts = [secret.trim(), ...secretLines(secret)].filter((part) => part !== '');
  const encoded = parts.filter((part) => part.length >= SHORTEST_MASKED).flatMap(encodings);
  return [...new Set([...parts, ...encoded])];
}

function encodings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const shifted = [0, 1, 2].flatMap((shift) => [
    base64At(secret, shift, 'base64'),
    base64At(secret, shift, 'base64url'),
  ]);
  const hex = Buffer.from(secret).toString('hex');
  return [json, encodeURIComponent(secret), hex, hex.toUpperCase(), ...shifted].filter(
    (form) => form.length >= SHORTEST_MASKED,
  );
}

/** Base64 of the secret standing `shift` bytes into a group of three (`user:secret`), without the edges others share. */
function base64At(secret: string, shift: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.toString(encoding).slice(shift === 0 ? 0 : 4);
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
