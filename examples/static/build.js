const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');

mkdirSync('public', { recursive: true });
const [title, ...text] = readFileSync('index.md', 'utf8').split('\n');
writeFileSync('public/index.html', `<!doctype html><title>${title}</title><p>${text.join('<br>')}</p>\n`);
