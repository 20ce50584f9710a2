export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --fail: #c62828; --pass: #2e7d32; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { position: sticky; top: 0; background: Canvas; }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid Highlight; }
.verdict { display: inline-block; padding: .15rem .6rem; border-radius: .3rem; color: #fff; background: var(--soft); }
.verdict.pass { background: var(--pass); }
.verdict.fail { background: var(--fail); }
.controls { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
.controls input[type=search] { min-width: 18rem; padding: .35rem .5rem; font: inherit; }
.severity { font-weight: 600; white-space: nowrap; overflow-wrap: normal; }
td.short { min-width: 5.5rem; overflow-wrap: break-word; max-width: 11rem; }
th button { white-space: nowrap; }
#steps li { overflow-wrap: anywhere; margin: .2rem 0; }
.blocking .severity::after { content: " \\26D4"; }
.suppressed { opacity: .6; }
.layers { display: flex; height: 2.4rem; border: 1px solid var(--line); border-radius: .3rem; overflow: hidden; margin: .5rem 0; }
.layers > button { all: unset; cursor: pointer; min-width: 3px; border-right: 1px solid Canvas; }
.layers > button:focus-visible { outline: 3px solid Highlight; outline-offset: -3px; }
.bar { display: inline-block; height: .7rem; background: #5c8fd6; border-radius: .15rem; vertical-align: middle; }
.muted { opacity: .75; }
`;
