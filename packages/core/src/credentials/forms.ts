/** The form of a credential, defined once for sources, layers and image configurations. */
export interface CredentialForm {
  readonly what: string;
  /** Literal beginnings, searched first; `body` must match right after one. */
  readonly begins: readonly string[];
  /** Sticky. Every repetition is bounded, so a text made of beginnings is not read to its end from each of them. */
  readonly body: RegExp;
  /** Counts in configuration only: documentation and tests of libraries are full of these. */
  readonly configuration?: true;
  /** May have a letter or a digit before it and after it. */
  readonly anywhere?: true;
}

const PEM_LABELS = ['', 'RSA ', 'EC ', 'DSA ', 'OPENSSH ', 'ENCRYPTED ', 'PGP '];

/** No match is longer than any known token: a longer text of the same characters is something else. */
export const FORMS: readonly CredentialForm[] = [
  {
    // Every program that reads keys contains the marker alone; a key has base64 after it, in JSON after a `\n`.
    what: 'private key',
    begins: PEM_LABELS.map((label) => `-----BEGIN ${label}PRIVATE KEY`),
    body: /(?: BLOCK)?-----(?:\r?\n|\\r|\\n|[ \t]){1,9}(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,9}\s{0,9}[A-Za-z0-9+/=]{40}/y,
    anywhere: true,
  },
  { what: 'AWS access key', begins: ['AKIA', 'ASIA'], body: /[A-Z2-7]{16}/y },
  { what: 'GitHub token', begins: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], body: /[A-Za-z0-9]{36}/y },
  { what: 'GitHub token', begins: ['github_pat_'], body: /[A-Za-z0-9]{22}_[A-Za-z0-9]{59}/y },
  { what: 'GitLab token', begins: ['glpat-', 'gldt-', 'glrt-'], body: /[A-Za-z0-9_-]{20,300}/y },
  {
    what: 'Slack token',
    begins: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxs-', 'xoxr-'],
    body: /[0-9]{1,20}-[0-9A-Za-z-]{20,200}/y,
  },
  {
    what: 'Slack webhook',
    begins: ['https://hooks.slack.com/services/T'],
    body: /[A-Z0-9]{1,20}\/B[A-Z0-9]{1,20}\/[A-Za-z0-9]{20,60}/y,
  },
  { what: 'Stripe key', begins: ['sk_live_', 'rk_live_'], body: /[0-9A-Za-z]{24,250}/y },
  { what: 'npm token', begins: ['npm_'], body: /[A-Za-z0-9]{36}/y },
  { what: 'PyPI token', begins: ['pypi-AgEI'], body: /[A-Za-z0-9_-]{50,400}/y },
  { what: 'Docker Hub token', begins: ['dckr_pat_', 'dckr_oat_'], body: /[A-Za-z0-9_-]{27,60}/y },
  { what: 'DigitalOcean token', begins: ['dop_v1_', 'doo_v1_'], body: /[0-9a-f]{64}/y },
  { what: 'Vault token', begins: ['hvs.', 'hvb.'], body: /[A-Za-z0-9_-]{24,300}/y },
  { what: 'SendGrid key', begins: ['SG.'], body: /[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/y },
  { what: 'Anthropic key', begins: ['sk-ant-'], body: /[A-Za-z0-9_-]{32,200}/y },
  { what: 'OpenAI key', begins: ['sk-proj-'], body: /[A-Za-z0-9_-]{32,250}/y },
  { what: 'Google OAuth secret', begins: ['GOCSPX-'], body: /[A-Za-z0-9_-]{28}/y },
  { what: 'Google API key', begins: ['AIza'], body: /[0-9A-Za-z_-]{35}/y, configuration: true },
  { what: 'Azure storage key', begins: ['AccountKey='], body: /[A-Za-z0-9+/]{86}==/y },
  { what: 'Azure access key', begins: ['SharedAccessKey='], body: /[A-Za-z0-9+/]{43}=/y },
  { what: 'age key', begins: ['AGE-SECRET-KEY-1'], body: /[0-9A-Z]{58}/y },
  {
    what: 'JSON web token',
    begins: ['eyJ'],
    body: /[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,1000}/y,
    configuration: true,
  },
  {
    // A password from a variable does not count, and neither does one from documentation.
    what: 'password in an address',
    begins: ['://'],
    body: /[^\s/:@$'"{}<>]{0,100}:(?!\/\/)[^\s/:@$'"{}<>*](?:[^\s/:@'"{}<>*]|\*(?!\*)){0,199}@[\w[]/y,
    configuration: true,
    anywhere: true,
  },
  {
    what: 'password in a connection string',
    begins: [';', '; ', '&', '?', ','].flatMap((mark) =>
      ['Password=', 'password=', 'Pwd=', 'pwd='].map((name) => mark + name),
    ),
    body: /[^\s;&,"'\\$<{[%*]{3,100}/y,
    configuration: true,
    anywhere: true,
  },
  { what: 'Laravel key', begins: ['base64:'], body: /[A-Za-z0-9+/]{43}=/y, configuration: true },
];
