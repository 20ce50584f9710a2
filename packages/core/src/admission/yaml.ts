/** The values of a policy document. */
export type YamlValue = string | boolean | number | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** Words that need no quotes: YAML 1.1 cannot read them as a number, a boolean, a date or a null. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const WORDS = /^(y|n|yes|no|on|off|true|false|null|~)$/i;

/**
 * Block-style YAML, enough for a Kubernetes object. Text is quoted as in JSON (a subset of YAML's double quotes), and
 * multi-line text is a literal block, so that keys stay readable.
 */
export function yaml(value: YamlValue, indent = ''): string {
  if (typeof value === 'object') {
    const entries = Array.isArray(value)
      ? value.map((item: YamlValue) => `${indent}- ${yaml(item, `${indent}  `).trimStart()}`)
      : Object.entries(value).map(([key, item]) => `${indent}${scalar(key)}:${after(item, indent)}`);
    return entries.join('\n');
  }
  return typeof value === 'string' ? text(value, indent) : String(value);
}

function after(value: YamlValue, indent: string): string {
  if (typeof value !== 'object') return ` ${yaml(value, `${indent}  `)}`;
  return `\n${yaml(value, `${indent}  `)}`;
}

function text(value: string, indent: string): string {
  if (!/^[\x20-\x7e]+(\n[\x20-\x7e]+)+\n?$/.test(value) || value.startsWith(' ')) return scalar(value);
  const body = value.replace(/\n$/, '').split('\n');
  return `|${value.endsWith('\n') ? '' : '-'}\n${body.map((line) => `${indent}${line}`).join('\n')}`;
}

function scalar(value: string): string {
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}
