/** Secrets that are known by how they begin: no entropy is guessed at, so that what is reported is one. */
interface TokenForm {
  readonly what: string;
  /** Literal beginnings, found first; `body` must match right behind. */
  readonly begins: readonly string[];
  readonly body: RegExp;
}

export interface Token {
  readonly what: string;
  readonly at: number;
  /** Of a private key, only its beginning. */
  readonly length: number;
}

const PEM_LABELS = ['', 'RSA ', 'EC ', 'DSA ', 'OPENSSH ', 'ENCRYPTED ', 'PGP '];

const FORMS: readonly TokenForm[] = [
  {
    // Every repetition is bounded: a text made of beginnings must not be read again from each of them.
    // The mark alone stands in every program that reads keys; a key has its base64 behind it, in JSON after a `\n`.
    what: 'private key',
    begins: PEM_LABELS.map((label) => `-----BEGIN ${label}PRIVATE KEY`),
    body: /(?: BLOCK)?-----(?:\r?\n|\\r|\\n|[ \t]){1,9}(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,9}\s{0,9}[A-Za-z0-9+/=]{40}/y,
  },
  { what: 'AWS access key', begins: ['AKIA', 'ASIA'], body: /[A-Z2-7]{16}/y },
  { what: 'GitHub token', begins: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], body: /[A-Za-z0-9]{36}/y },
  { what: 'GitHub token', begins: ['github_pat_'], body: /[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/y },
  { what: 'GitLab token', begins: ['glpat-', 'gldt-', 'glrt-'], body: /[A-Za-z0-9_-]{20,}/y },
  { what: 'Slack token', begins: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxs-'], body: /[0-9]+-[0-9A-Za-z-]{20,}/y },
  {
    what: 'Slack webhook',
    begins: ['https://hooks.slack.com/services/T'],
    body: /[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{20,}/y,
  },
  { what: 'Stripe key', begins: ['sk_live_', 'rk_live_'], body: /[0-9A-Za-z]{24,}/y },
  { what: 'npm token', begins: ['npm_'], body: /[A-Za-z0-9]{36}/y },
  { what: 'PyPI token', begins: ['pypi-AgEI'], body: /[A-Za-z0-9_-]{50,}/y },
  { what: 'Docker Hub token', begins: ['dckr_pat_', 'dckr_oat_'], body: /[A-Za-z0-9_-]{27,}/y },
  { what: 'DigitalOcean token', begins: ['dop_v1_', 'doo_v1_'], body: /[0-9a-f]{64}/y },
  { what: 'Vault token', begins: ['hvs.', 'hvb.'], body: /[A-Za-z0-9_-]{24,}/y },
  { what: 'SendGrid key', begins: ['SG.'], body: /[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/y },
  { what: 'Anthropic key', begins: ['sk-ant-'], body: /[A-Za-z0-9_-]{32,}/y },
  { what: 'OpenAI key', begins: ['sk-proj-'], body: /[A-Za-z0-9_-]{32,}/y },
  { what: 'Google OAuth secret', begins: ['GOCSPX-'], body: /[A-Za-z0-9_-]{28}/y },
  { what: 'Azure storage key', begins: ['AccountKey='], body: /[A-Za-z0-9+/]{86}==/y },
  { what: 'age key', begins: ['AGE-SECRET-KEY-1'], body: /[0-9A-Z]{58}/y },
];

/** One pass over the text for all beginnings at once; those that share a first letter are tried together. */
const BEGIN = new RegExp(
  [
    ...Map.groupBy(
      FORMS.flatMap(({ begins }) => begins),
      (begin) => begin.charAt(0),
    ),
  ]
    .map(([first, begins]) => `${escaped(first)}(?:${begins.map((begin) => escaped(begin.slice(1))).join('|')})`)
    .join('|'),
  'g',
);

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

/**
 * The tokens in a text, in order. Those that documentation shows (AWS' `…EXAMPLE`, a run of one character) are none.
 * @param text latin-1 is enough: all forms are ASCII
 */
export function tokensIn(text: string): readonly Token[] {
  const found: Token[] = [];
  BEGIN.lastIndex = 0;
  for (let match = BEGIN.exec(text); match !== null; match = BEGIN.exec(text)) {
    const [begin] = match;
    const at = match.index;
    // In the middle of a word it is a part of something else: base64, a longer name.
    if (/[A-Za-z0-9_]/.test(text.charAt(at - 1))) continue;
    for (const { what, begins, body } of FORMS) {
      if (!begins.includes(begin)) continue;
      body.lastIndex = at + begin.length;
      const rest = body.exec(text)?.[0];
      if (rest === undefined) continue;
      const key = what === 'private key';
      if (!key && (/[A-Za-z0-9]/.test(text.charAt(body.lastIndex)) || isMadeUp(rest))) continue;
      found.push({ what, at, length: begin.length + rest.length });
    }
  }
  return found;
}

/** What documentation and tests write where a secret would stand. */
function isMadeUp(body: string): boolean {
  return /EXAMPLE|example|xxxx|XXXX|0000000|1234567|abcdefg/.test(body) || new Set(body).size < 8;
}
