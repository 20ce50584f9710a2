/**
 * Possible names of packages, paths, labels, refs and instructions. Each has an effect somewhere if it is shown
 * unescaped: on a runner, in a terminal, in Markdown, in HTML, in SARIF.
 */

const COMMANDS = [
  '::error::x',
  '::warning file=a,line=1::x',
  '::set-output name=verdict::pass',
  '::set-env name=PATH::/evil',
  '::add-path::/evil',
  '::add-mask::a',
  '::stop-commands::x',
  '::group::x',
  '::save-state name=x::y',
  ' \t::error::x',
  'a\n::error::x',
  'a\r::error::x',
  'a\r\n::error::x',
  '\u0085::error::x',
  '\u2028::error::x',
  '##[error]x',
  '##[set-env name=PATH;]/evil',
  'a ##[add-mask]x',
  '##[group]x',
] as const;

const MARKDOWN = [
  '[click](javascript:alert(1))',
  '[click](https://evil.example/)',
  '![x](https://evil.example/pixel)',
  '<https://evil.example/>',
  '[x]: https://evil.example/',
  '| a | b |\n| - | - |',
  'a|b|c',
  '```\n## injected',
  '`a` **b** _c_ ~~d~~',
  '\n\n## injected',
  '\n- [x] injected',
  '> injected',
  '    injected',
  '@octocat',
  'GH-1 #1 octocat/hello#1',
  'https://evil.example/',
  '-->',
  '\\',
  '&lt;img src=x&gt; &#60;b&#62;',
] as const;

const HTML = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "';alert(1);//",
  '<!--<script>',
  ']]><iframe srcdoc="<script>alert(1)</script>">',
  '<style>*{display:none}</style>',
  '<base href=https://evil.example/>',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '</details></table><h1>safe</h1>',
  '<a href="javascript:alert(1)">x</a>',
  '<form action=https://evil.example/><input type=submit>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
] as const;

const CHARACTERS = [
  '\u0000',
  '\u0000\u001b[31mred',
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;https://evil.example/\u0007x\u001b]8;;\u0007',
  '\u009b31m',
  'a\b\b\bsafe',
  '\u202egnp.exe',
  '\u2066a\u2069',
  'a\u200bb\u200d\ufeff',
  '\ud800',
  '\u{e0041}\u{e0042}',
  'e\u0301'.repeat(50),
  '%0A::error::x',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
  '${{ github.token }}',
  '$(id) `id` ; id && id',
  '../../../etc/passwd',
  '{0} {{1}} %s %n',
  '__proto__',
  'x'.repeat(10_000),
  '\u202e::error::'.repeat(1000),
] as const;

export const HOSTILE_NAMES: readonly string[] = [...COMMANDS, ...MARKDOWN, ...HTML, ...CHARACTERS];
