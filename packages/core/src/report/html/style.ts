/** No external fonts or images; colours of both themes have a contrast of at least 4.5:1. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --muted: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --accent: #0969da; --bad: #cf222e; --good: #1a7f37; --warn: #8a5a00; --bad-bg: #ffebe9; --good-bg: #dafbe1; --warn-bg: #fff8c5; --high: #a04100; --low: #0550ae;
  --c0: #54aeff; --c1: #4ac26b; --c2: #d4a72c; --c3: #c297ff; --c4: #fb8f44; --c5: #ff80c8; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #f0f6fc; --muted: #9aa4af; --line: #3d444d; --soft: #151b23; --accent: #58a6ff; --bad: #ff7b72; --good: #4ac26b; --warn: #e3b341; --bad-bg: #3b1519; --good-bg: #12301c; --warn-bg: #33270b; --high: #ffa657; --low: #79c0ff;
  --c0: #1f6feb; --c1: #238636; --c2: #9e6a03; --c3: #8957e5; --c4: #bd561d; --c5: #bf4b8a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.5rem 3rem; max-width: 72rem; background: var(--bg); color: var(--fg); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .6rem; font-weight: 600; }
h2 { font-size: 1.2rem; margin: 0 0 .75rem; padding-bottom: .35rem; border-bottom: 1px solid var(--line); font-weight: 600; }
h3 { font-size: .95rem; margin: .75rem 0 .35rem; font-weight: 600; }
p { margin: .35rem 0; }
section { margin-top: 2rem; scroll-margin-top: 3.5rem; }
a { color: var(--accent); }
code, pre { font: 12px/1.5 ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { background: var(--soft); padding: .1em .35em; border-radius: .3rem; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem; margin: .35rem 0 .75rem; white-space: pre-wrap; }
dl { margin: .35rem 0; } dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
.code-box { position: relative; } .code-box pre { padding-right: 5rem; } .copy { position: absolute; top: .4rem; right: .4rem; font-size: 12px; min-height: 0; padding: .15rem .5rem; }
ul, ol { margin: 0; padding: 0; list-style: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: .2rem; }
.muted { color: var(--muted); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .25rem .5rem; z-index: 3; }
.brand { color: var(--muted); font-weight: 600; margin: 0; }
.line { display: flex; flex-wrap: wrap; gap: .35rem .6rem; align-items: center; }
.verdict { font-size: 1rem; padding: .3rem .8rem; border-radius: 2rem; border: 1px solid; }
.v-fail { color: var(--bad); background: var(--bad-bg); } .v-pass { color: var(--good); background: var(--good-bg); } .v-none { color: var(--muted); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)); gap: .5rem; margin: 1rem 0 0; }
.tile { display: flex; flex-direction: column; gap: .15rem; height: 100%; padding: .55rem .6rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); color: var(--fg); text-decoration: none; }
a.tile:hover { border-color: var(--accent); }
.tile .value { font-size: 1.05rem; font-weight: 600; line-height: 1.2; white-space: nowrap; font-variant-numeric: tabular-nums; }
.tile .label { color: var(--muted); font-size: 12px; }
nav { position: sticky; top: 0; z-index: 2; background: var(--bg); border-bottom: 1px solid var(--line); margin: 1rem -1.5rem 0; padding: 0 1.5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1rem; } nav a { display: block; padding: .5rem 0; color: var(--fg); text-decoration: none; } nav a:hover { text-decoration: underline; }
summary { cursor: pointer; padding: .35rem 0; }
.failed > li { border-left: 3px solid var(--bad); padding: .35rem .75rem; margin: .5rem 0; background: var(--soft); border-radius: 0 .4rem .4rem 0; }
.failed > li > details { margin: 0; } .bad { color: var(--bad); } .why, .next { display: block; } .next::before { content: "\\2192\\00a0"; } .next { color: var(--muted); }
form { background: var(--soft); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; margin-bottom: .5rem; }
fieldset { border: 0; margin: 0 0 .6rem; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem 1rem; align-items: center; } legend { float: left; padding: 0; margin-right: 1rem; font-size: 12px; color: var(--muted); }
.box { display: inline-flex; align-items: center; gap: .35rem; } .box input { accent-color: var(--accent); margin: 0; width: 1rem; height: 1rem; }
.fields { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; } .fields label { display: flex; flex-direction: column; font-size: 12px; color: var(--muted); flex: 1 1 8rem; min-width: 0; } .fields .wide { flex: 2 1 14rem; }
input[type=search], select, button { font: inherit; font-size: 14px; color: var(--fg); background: var(--bg); border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .55rem; min-height: 2.1rem; width: 100%; min-width: 0; } button { width: auto; cursor: pointer; font-weight: 500; } button:hover { border-color: var(--muted); }
::placeholder { color: var(--muted); opacity: 1; }
.groups { border: 1px solid var(--line); border-radius: .5rem; } .groups .groups { border: 0; } .groups > li + li { border-top: 1px solid var(--line); } .rest > details > summary { padding: .5rem .75rem; color: var(--accent); }
.group > details > summary { display: flex; gap: .75rem; align-items: baseline; padding: .55rem .75rem; list-style-position: outside; } .group > details > summary::before { content: "\\25B8"; color: var(--muted); } .group > details[open] > summary::before { content: "\\25BE"; } .group > details > summary:hover { background: var(--soft); }
.group > details > summary > .chip { flex: 0 0 5.4rem; } .what { flex: 1; min-width: 0; } .title { font-weight: 600; } .named { display: block; color: var(--muted); font-size: 12px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .side { display: flex; flex-wrap: wrap; gap: .25rem .75rem; justify-content: end; align-items: baseline; }
.chip { display: inline-block; min-width: 4.6rem; text-align: center; font-size: 12px; font-weight: 600; line-height: 1.5; padding: 0 .5rem; border: 1px solid; border-radius: 1rem; text-transform: capitalize; color: var(--muted); white-space: nowrap; }
.s-critical { color: var(--bad); background: var(--bad-bg); } .s-high { color: var(--high); } .s-medium { color: var(--warn); } .s-low { color: var(--low); } .tile .chip { border: 0; background: none; padding: 0; min-width: 0; }
.tag { font-size: 12px; font-weight: 600; white-space: nowrap; } .t-fails { color: var(--bad); } .t-warns { color: var(--warn); } .t-suppressed { color: var(--muted); }
.findings { background: var(--soft); border-top: 1px solid var(--line); padding: 0 .75rem 0 2rem; } .findings code { background: var(--bg); } .findings > li { padding: .55rem 0; } .findings > li + li { border-top: 1px solid var(--line); }
.head, .facts { display: flex; flex-wrap: wrap; gap: .2rem .75rem; align-items: baseline; } .facts { color: var(--fg); font-size: 13px; } .remark { color: var(--muted); font-size: 13px; } .advisory { font-weight: 400; }
.more { text-align: center; margin: .75rem 0; } [hidden] { display: none !important; }
.platform + .platform { margin-top: .5rem; } .platform > summary { font-weight: 600; }
.stack { display: block; width: 100%; height: 1.75rem; border-radius: .4rem; margin: .35rem 0 .5rem; } rect { stroke: var(--bg); stroke-width: 1; vector-effect: non-scaling-stroke; } .c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); } .c4 { fill: var(--c4); } .c5 { fill: var(--c5); } .lost { fill: var(--bad); stroke-width: 0; }
.layers > li { padding: .4rem 0; } .layers > li + li { border-top: 1px solid var(--line); } .layers .head { flex-wrap: nowrap; align-items: center; } .parts { margin: 0 0 0 2.25rem; color: var(--muted); font-size: 13px; } .number { min-width: 1.5rem; color: var(--muted); text-align: right; font-variant-numeric: tabular-nums; } .bar { flex: 1; min-width: 0; height: .75rem; background: var(--soft); border-radius: .2rem; } .size { min-width: 5.5rem; text-align: right; font-variant-numeric: tabular-nums; } .layers .facts, .made, .waste { padding-left: 2.25rem; } .made { color: var(--muted); font: 12px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; } .waste { font-size: 13px; } .waste strong { color: var(--bad); }
.counts { display: flex; gap: .25rem .75rem; align-items: baseline; margin: .25rem 0; } .counts h3 { margin: 0; min-width: 5rem; font-size: 13px; } .counts ul { display: flex; flex-wrap: wrap; gap: .25rem .5rem; min-width: 0; } .counts li:not(.rest) { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: 12px; } .counts .rest > details > summary { padding: 0; font-size: 12px; }
table { border-collapse: collapse; width: 100%; margin: .35rem 0 .75rem; } caption { text-align: left; font-weight: 600; padding: .35rem 0; } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); } thead th { font-size: 12px; color: var(--muted); } tbody th { font-weight: 600; }
#changes details ul { padding-left: 1.25rem; list-style: disc; } details details { margin-left: .5rem; } .group details, .rest details, #package-list details { margin-left: 0; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); font-size: 12px; }
@media (max-width: 40rem) { body { padding: 1rem 1rem 2rem; } nav { margin: 1rem -1rem 0; padding: 0 1rem; font-size: 13px; } nav ul { gap: 0 .7rem; } .tiles { grid-template-columns: repeat(3, 1fr); } .tile { padding: .45rem .5rem; } .group > details > summary { flex-wrap: wrap; gap: .25rem .5rem; } .what { flex: 1 1 60%; } .side { flex: 1 1 100%; justify-content: start; padding-left: 1.4rem; } .findings { padding: 0 .75rem; } .layers .facts, .made, .waste { padding-left: 0; } .counts { display: block; } #packages table { table-layout: fixed; font-size: 13px; } #packages td:nth-child(4), #packages th:nth-child(4) { display: none; } #packages th:nth-child(1) { width: 38%; } #packages th:nth-child(2) { width: 24%; } .tile .value { font-size: 1rem; } }
@media (forced-colors: active) { rect { forced-color-adjust: none; } }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print { body { max-width: none; padding: 0; } nav, form, .more, .skip, .copy { display: none !important; } details::details-content { content-visibility: visible; display: block; height: auto; } .groups > li, .layers > li, tr { break-inside: avoid; } .made { display: block; } a { color: inherit; } [hidden]:not(form, .more) { display: revert !important; } }
`;
