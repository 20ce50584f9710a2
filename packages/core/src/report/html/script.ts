/**
 * Runs in the reader's browser and only shows, hides, sorts and counts what the page contains: it makes no HTML, and
 * sets text through `textContent`. The address keeps the filter: `#severity=critical,high&q=openssl`.
 */
export const SCRIPT = `
'use strict';
(() => {
  const find = (query, of = document) => of.querySelector(query);
  const all = (query, of = document) => [...of.querySelectorAll(query)];
  const RANK = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];
  const PAGE = 12;
  const MORE = 50;

  // Without this script the rest of a list is folded; here it is shown page by page.
  const unfold = (list, rest, items) => {
    list.append(...items(rest));
    rest.remove();
  };

  const filter = find('#filter');
  if (filter) {
    const list = find('#groups');
    const rest = find('#groups > .rest');
    if (rest) unfold(list, rest, (from) => all('.group', from));
    const groups = all('.group', list).map((element, order) => {
      const rows = all('.findings > li', element).map((row) => ({ element: row, ...row.dataset, p: row.dataset.p.split(' '), text: row.textContent.toLowerCase() }));
      const title = find('.title', element).textContent;
      return { element, order, rows, title, text: title.toLowerCase(), worst: Math.min(...rows.map((row) => RANK.indexOf(row.s))), count: rows.length };
    });
    const total = groups.reduce((sum, group) => sum + group.rows.length, 0);
    const ORDERS = { '': (a, b) => a.order - b.order, severity: (a, b) => a.worst - b.worst || a.order - b.order, name: (a, b) => a.title.localeCompare(b.title), count: (a, b) => b.count - a.count || a.order - b.order };
    const field = (name) => filter.elements[name];
    const boxes = all('[name=severity]', filter);
    const optionAt = (name) => { const input = field(name); return input && input.value !== '' ? input.selectedIndex - 1 : -1; };
    let shown = PAGE;
    let sorted = '';

    const show = () => {
      const severities = boxes.filter((box) => box.checked).map((box) => box.value);
      const words = field('q').value.toLowerCase().split(/ +/).filter(Boolean);
      const [state, fix, sort] = ['state', 'fix', 'sort'].map((name) => field(name).value);
      const [platform, from] = [optionAt('platform'), optionAt('from')];
      let found = 0;
      for (const group of groups) {
        group.count = 0;
        for (const row of group.rows) {
          const fits = (severities.length === 0 || severities.includes(row.s)) && (state === '' || row.g === state) && (fix === '' || row.f === fix) && (platform < 0 || row.p.includes(String(platform))) && (from < 0 || row.l === String(from)) && words.every((word) => row.text.includes(word) || group.text.includes(word));
          if (row.element.hidden === fits) row.element.hidden = !fits;
          if (fits) group.count += 1;
        }
        found += group.count;
      }
      if (sort !== sorted || sort === 'count') {
        list.append(...groups.sort(ORDERS[sort] || ORDERS['']).map((group) => group.element));
        sorted = sort;
      }
      let at = 0;
      for (const group of groups) {
        const visible = group.count > 0 && at < shown;
        if (group.count > 0) at += 1;
        if (group.element.hidden === visible) group.element.hidden = !visible;
      }
      // The few that a search finds need no click.
      if (words.length > 0 && at > 0 && at < 4) for (const group of groups) if (group.count > 0) find('details', group.element).open = true;
      list.hidden = at === 0;
      find('#more').parentElement.hidden = at <= shown;
      find('#more').textContent = 'Show ' + Math.min(MORE, at - shown) + ' more of ' + (at - shown);
      find('#count').textContent = found + ' of ' + total + (total === 1 ? ' finding' : ' findings') + ', in ' + at + ' of ' + groups.length + (groups.length === 1 ? ' change' : ' changes');
    };

    const NAMES = ['q', 'state', 'fix', 'platform', 'from', 'sort'];
    const remember = () => {
      const values = new URLSearchParams();
      const severities = boxes.filter((box) => box.checked).map((box) => box.value);
      if (severities.length > 0) values.set('severity', severities.join(','));
      for (const name of NAMES) if (field(name) && field(name).value !== '') values.set(name, field(name).value);
      const text = values.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
      if (text !== location.hash.slice(1)) history.replaceState(null, '', '#' + text);
    };
    const recall = () => {
      // Others are the address of a section.
      if (!location.hash.includes('=')) return false;
      const values = new URLSearchParams(location.hash.slice(1));
      const severities = (values.get('severity') || '').split(',');
      for (const box of boxes) box.checked = severities.includes(box.value);
      for (const name of NAMES) {
        const input = field(name);
        if (!input) continue;
        input.value = values.get(name) || '';
        if (input.selectedIndex < 0) input.value = '';
      }
      return true;
    };
    const changed = () => { shown = PAGE; show(); remember(); };
    filter.addEventListener('input', changed);
    filter.addEventListener('submit', (event) => event.preventDefault());
    filter.addEventListener('reset', () => setTimeout(changed));
    find('#more').addEventListener('click', () => {
      const before = shown;
      shown += MORE;
      show();
      const next = all('.group:not([hidden])', list)[before];
      if (next) find('summary', next).focus();
    });
    addEventListener('hashchange', () => {
      if (!recall()) return;
      shown = PAGE;
      show();
      find('#fixes').scrollIntoView();
    });
    filter.hidden = false;
    if (recall()) find('#fixes').scrollIntoView();
    show();
  }

  const packages = find('#package-filter');
  if (packages) {
    const body = find('#package-list tbody');
    const rest = find('#package-list > .rest');
    if (rest) unfold(body, rest, (from) => all('tbody tr', from));
    const rows = all('tr', body).map((element) => ({ element, text: element.textContent.toLowerCase() }));
    const search = find('[name=q]', packages);
    const FIRST = 10;
    let shown = FIRST;
    const show = () => {
      const words = search.value.toLowerCase().split(/ +/).filter(Boolean);
      let at = 0;
      for (const row of rows) {
        const fits = words.every((word) => row.text.includes(word));
        const visible = fits && at < shown;
        if (fits) at += 1;
        if (row.element.hidden === visible) row.element.hidden = !visible;
      }
      find('#package-count').textContent = at + ' of ' + rows.length + (rows.length === 1 ? ' package' : ' packages');
      find('#more-packages').parentElement.hidden = at <= shown;
    };
    packages.addEventListener('input', () => { shown = FIRST; show(); });
    packages.addEventListener('submit', (event) => event.preventDefault());
    find('#more-packages').addEventListener('click', () => { shown += 2 * MORE; show(); });
    packages.hidden = false;
    show();
  }

  for (const code of all('pre.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'Copied'; } catch { getSelection().selectAllChildren(code); }
    });
    code.parentElement.append(button);
  }

  // Paper cannot be unfolded.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = all('details:not([open])');
    for (const one of opened) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of opened) one.open = false;
  });
})();
`;
