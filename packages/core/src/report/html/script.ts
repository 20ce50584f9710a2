/**
 * Runs in the reader's browser. Everything from outside goes through `textContent`; the script does not use
 * `innerHTML`.
 */
export const SCRIPT = `
'use strict';
(() => {
  const facts = JSON.parse(document.getElementById('facts').textContent);
  const root = document.getElementById('report');
  const SEVERITIES = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];
  const COLOURS = ['#4e79a7', '#f28e2b', '#59a14f', '#b07aa1', '#76b7b2', '#edc948', '#9c755f', '#e15759'];

  const add = (parent, tag, text, attributes) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = String(text);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    parent.appendChild(element);
    return element;
  };
  const bytes = (size) => {
    const units = ['B', 'KiB', 'MiB', 'GiB'];
    let at = 0;
    while (size >= 1024 && at < units.length - 1) { size /= 1024; at += 1; }
    return (at === 0 ? size : size.toFixed(1)) + ' ' + units[at];
  };
  const link = (parent, text, url) => {
    let safe = false;
    try { safe = ['https:', 'http:'].includes(new URL(url).protocol); } catch { safe = false; }
    if (safe) add(parent, 'a', text, { href: url, rel: 'noreferrer noopener', target: '_blank' });
    else add(parent, 'span', text);
  };

  const heading = add(root, 'header');
  add(heading, 'h1', facts.name);
  const state = facts.passed === undefined ? 'no verdict' : facts.passed ? 'gate passed' : 'gate failed';
  const kind = facts.passed === undefined ? '' : facts.passed ? 'pass' : 'fail';
  add(heading, 'span', state, { class: 'verdict ' + kind, id: 'verdict' });
  add(add(heading, 'p'), 'code', facts.digest);

  const failed = facts.rules.filter((rule) => rule.outcome === 'fail');
  if (failed.length > 0) {
    add(root, 'h2', 'Why');
    const list = add(root, 'ul', undefined, { id: 'failed' });
    for (const rule of failed) {
      const item = add(list, 'li');
      add(item, 'strong', rule.rule);
      item.append(': ' + rule.why);
    }
  }

  const several = facts.platforms.length > 1;
  // Most rows are the same on every platform, so each is shown once.
  const merged = (listOf, keyOf) => {
    const rows = new Map();
    for (const one of facts.platforms) {
      for (const each of listOf(one)) {
        const key = JSON.stringify(keyOf(each));
        const known = rows.get(key);
        if (!known) rows.set(key, { ...each, platforms: [one.platform] });
        else if (!known.platforms.includes(one.platform)) known.platforms.push(one.platform);
      }
    }
    return [...rows.values()];
  };
  const findings = merged((one) => one.findings, (each) => [each.id, each.severity, each.package, each.fixedIn, each.blocking, each.suppressed, each.alreadyLive, each.remedy, each.place]);
  const packages = merged((one) => one.packages, (each) => [each.name, each.version, each.type, each.purl, each.licenses]);

  const steps = new Map();
  for (const each of findings) {
    if (!each.blocking) continue;
    const step = each.remedy || each.id;
    steps.set(step, [...(steps.get(step) || []), each]);
  }
  if (steps.size > 0) {
    const section = add(root, 'section', undefined, { id: 'steps' });
    add(section, 'h2', 'What to do');
    const list = add(section, 'ol');
    const MOST_STEPS = 20;
    for (const [step, closed] of [...steps].slice(0, MOST_STEPS)) {
      const item = add(list, 'li');
      add(item, 'strong', closed[0].package.name + ' ' + closed[0].package.version);
      item.append(': ' + step + ' ');
      const ids = closed.slice(0, 5).map((each) => each.id).join(', ');
      add(item, 'span', '(' + closed[0].severity + ': ' + ids + (closed.length > 5 ? ', …' : '') + ')', { class: 'muted' });
    }
    if (steps.size > MOST_STEPS) add(section, 'p', (steps.size - MOST_STEPS) + ' more are listed below.', { class: 'muted' });
  }

  const listing = (id, title, rows, columns, filters) => {
    const section = add(root, 'section', undefined, { id });
    add(section, 'h2', title);
    const controls = add(section, 'div', undefined, { class: 'controls' });
    const search = add(controls, 'input', undefined, { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter ' + title });
    const boxes = (filters || []).map((filter) => {
      const label = add(controls, 'label');
      const box = add(label, 'input', undefined, { type: 'checkbox', name: filter.name });
      box.checked = true;
      label.append(' ' + filter.label);
      return { box, filter };
    });
    const count = add(controls, 'span', '', { class: 'muted count', role: 'status' });
    const table = add(section, 'table');
    const head = add(add(table, 'thead'), 'tr');
    const body = add(table, 'tbody');
    let sorted = { column: columns[0], down: false };
    for (const column of columns) {
      const cell = add(head, 'th', undefined, { scope: 'col' });
      const button = add(cell, 'button', column.title, { type: 'button' });
      button.addEventListener('click', () => {
        sorted = { column, down: sorted.column === column && !sorted.down };
        show();
      });
    }
    const MOST = 1000;
    const show = () => {
      const wanted = search.value.toLowerCase();
      const passing = rows.filter((row) =>
        boxes.every(({ box, filter }) => box.checked || !filter.holds(row)) &&
        (wanted === '' || columns.some((column) => String(column.text(row)).toLowerCase().includes(wanted))));
      const key = sorted.column.key || sorted.column.text;
      passing.sort((a, b) => {
        const [left, right] = [key(a), key(b)];
        const order = left < right ? -1 : left > right ? 1 : 0;
        return sorted.down ? -order : order;
      });
      body.replaceChildren();
      for (const row of passing.slice(0, MOST)) {
        const line = add(body, 'tr', undefined, { class: (row.blocking ? 'blocking ' : '') + (row.suppressed ? 'suppressed' : '') });
        for (const column of columns) {
          const cell = add(line, 'td', undefined, column.class ? { class: column.class } : {});
          if (column.show) column.show(cell, row); else cell.textContent = column.text(row);
        }
      }
      count.textContent = passing.length + ' of ' + rows.length + (passing.length > MOST ? ', first ' + MOST + ' shown' : '');
    };
    search.addEventListener('input', show);
    for (const { box } of boxes) box.addEventListener('change', show);
    show();
  };

  const shownPlatforms = (row) => row.platforms.length === facts.platforms.length ? 'all' : row.platforms.join(', ');
  const platformColumn = several ? [{ title: 'Platform', class: 'short', text: shownPlatforms }] : [];
  listing('findings', 'Findings', findings, [
    // Findings that fail the gate first, suppressed ones last.
    { title: 'Severity', class: 'severity', text: (row) => row.severity, key: (row) => (row.blocking ? 0 : row.suppressed ? 30 : row.alreadyLive ? 10 : 20) + SEVERITIES.indexOf(row.severity) },
    { title: 'Advisory', class: 'short', text: (row) => [row.id, ...row.aliases].join(' '), show: (cell, row) => link(cell, row.id, row.url) },
    { title: 'Package', text: (row) => row.package.name },
    { title: 'Version', class: 'short', text: (row) => row.package.version },
    { title: 'Fixed in', class: 'short', text: (row) => row.fixText || row.fixedIn.join(', ') || row.fix },
    { title: 'Introduced by', class: 'short', text: (row) => row.place || row.locations[0] || '' },
    { title: 'Fix', text: (row) => row.suppressed ? 'Suppressed: ' + row.suppressed : (row.alreadyLive ? 'Warning only: ' + row.alreadyLive + ' already has it. ' : '') + (row.remedy || '') },
    ...platformColumn,
  ], SEVERITIES.map((severity) => ({
    name: severity,
    label: severity + ' ' + findings.filter((row) => row.severity === severity).length,
    holds: (row) => row.severity === severity,
  })).concat([{ name: 'passing', label: 'not failing the gate', holds: (row) => !row.blocking }]));

  const layers = add(root, 'section', undefined, { id: 'layers' });
  add(layers, 'h2', 'Layers');
  for (const one of facts.platforms) {
    const total = one.layers.reduce((sum, layer) => sum + layer.size, 0);
    add(layers, 'p', one.platform + ': ' + one.layers.length + ' layers, ' + bytes(total));
    const bar = add(layers, 'div', undefined, { class: 'layers' });
    const told = add(layers, 'p', 'Select a layer to see the instruction that created it.', { class: 'muted', role: 'status' });
    one.layers.forEach((layer, at) => {
      const text = 'Layer ' + (at + 1) + ', ' + bytes(layer.size) + (layer.place ? ', ' + layer.place : '') + (layer.made ? ': ' + layer.made : '');
      const button = add(bar, 'button', undefined, { type: 'button', title: text, 'aria-label': text });
      button.style.flexGrow = String(Math.max(layer.size, 1));
      button.style.background = COLOURS[at % COLOURS.length];
      button.addEventListener('click', () => { told.textContent = text; });
    });
  }

  const kinds = new Map();
  for (const each of packages) kinds.set(each.type, (kinds.get(each.type) || 0) + 1);
  if (kinds.size > 0) {
    const section = add(root, 'section', undefined, { id: 'kinds' });
    add(section, 'h2', 'Packages by type');
    const body = add(add(section, 'table'), 'tbody');
    const most = Math.max(...kinds.values());
    for (const [type, number] of [...kinds].sort((a, b) => b[1] - a[1])) {
      const line = add(body, 'tr');
      add(line, 'td', type);
      add(line, 'td', number);
      add(add(line, 'td'), 'span', undefined, { class: 'bar' }).style.width = (20 * number) / most + 'rem';
    }
  }

  listing('packages', 'Packages', packages, [
    { title: 'Name', text: (row) => row.name },
    { title: 'Version', text: (row) => row.version },
    { title: 'Type', text: (row) => row.type },
    { title: 'Licences', text: (row) => row.licenses.join(', ') },
    ...platformColumn,
  ]);

  const gate = add(root, 'section', undefined, { id: 'gate' });
  add(gate, 'h2', 'Gate');
  const rules = add(add(gate, 'table'), 'tbody');
  for (const rule of facts.rules) {
    const line = add(rules, 'tr');
    add(line, 'td', { pass: '\\u2705', fail: '\\u274C' }[rule.outcome] || '\\u2796');
    add(line, 'td', rule.rule);
    add(line, 'td', rule.why);
  }
})();
`;
