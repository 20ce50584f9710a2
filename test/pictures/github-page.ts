/** A job summary as GitHub shows it: its box, its fonts and its colours, without its scripts and fonts from the network. */
const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --muted: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --code: #818b981f; --accent: #0969da; --outer: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #f0f6fc; --muted: #9198a1; --line: #3d444d; --soft: #151b23; --code: #656c7633; --accent: #4493f8; --outer: #010409; } }
body { margin: 0; padding: 24px; background: var(--outer); color: var(--fg); font: 16px/1.5 -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif, "Noto Color Emoji"; }
.box { max-width: 980px; margin: 0 auto; border: 1px solid var(--line); border-radius: 6px; background: var(--bg); overflow: hidden; }
.bar { padding: 12px 16px; border-bottom: 1px solid var(--line); font-size: 14px; font-weight: 600; } .bar span { color: var(--muted); font-weight: 400; }
.markdown { padding: 16px 24px 24px; overflow-wrap: break-word; }
.markdown > :first-child { margin-top: 0; }
h2, h3 { margin: 24px 0 16px; font-weight: 600; line-height: 1.25; } h2 { font-size: 24px; padding-bottom: 7px; border-bottom: 1px solid var(--line); } h3 { font-size: 20px; }
p, ul, ol, table, pre, details { margin: 0 0 16px; } ul, ol { padding-left: 2em; }
table { border-collapse: collapse; display: block; width: max-content; max-width: 100%; overflow: auto; }
th, td { padding: 6px 13px; border: 1px solid var(--line); } th { font-weight: 600; } tr { background: var(--bg); } tr:nth-child(2n) { background: var(--soft); }
code, pre { font-family: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Noto Sans Mono", "Liberation Mono", monospace; }
code { padding: .2em .4em; font-size: 85%; background: var(--code); border-radius: 6px; white-space: break-spaces; }
pre { padding: 16px; overflow: auto; font-size: 85%; line-height: 1.45; background: var(--soft); border-radius: 6px; } pre code { padding: 0; font-size: 100%; background: none; white-space: pre; }
a { color: var(--accent); } sub { font-size: 75%; color: var(--muted); } summary { cursor: pointer; }
@media (max-width: 600px) { body { padding: 8px; } .markdown { padding: 16px; } }
`;

/** @param html of the summary, as the renderer that GitHub uses makes it */
export function summaryPage(html: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Job summary</title><style>${STYLE}</style></head>
<body><div class="box"><div class="bar">image <span>summary</span></div><div class="markdown">${html}</div></div></body></html>`;
}
