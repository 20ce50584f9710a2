/** The part of a YAML 1.2 writer that an action.yml needs: maps of maps of strings and booleans, in the given order. */
export type Yaml = string | boolean | { readonly [key: string]: Yaml };

export function writeYaml(map: { readonly [key: string]: Yaml }, indent = ''): string {
  return Object.entries(map)
    .map(([key, value]) => {
      if (typeof value === 'boolean') return `${indent}${scalar(key)}: ${value}\n`;
      if (typeof value === 'string') return `${indent}${scalar(key)}: ${scalar(value)}\n`;
      const body = writeYaml(value, `${indent}  `);
      return body === '' ? `${indent}${scalar(key)}: {}\n` : `${indent}${scalar(key)}:\n${body}`;
    })
    .join('');
}

/** Begins like a word and contains nothing that any YAML version reads as more than text. */
const PLAIN = /^[A-Za-z_./][A-Za-z0-9_./()=+-]*( [A-Za-z0-9_./()=+-]+)*$/;
/** YAML 1.1 readers (such as the runner's) read these as booleans and nulls. */
const WORDS = /^(true|false|yes|no|on|off|y|n|null|nan|inf|\.nan|\.inf)$/i;
/** YAML 1.2, 5.1: characters that need no escape in a quoted scalar of one line. */
const PRINTABLE = /^[\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

function scalar(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  if (PRINTABLE.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
