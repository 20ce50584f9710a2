/**
 * `notes.mjs COMMIT` prints the notes of a release: the section of CHANGELOG.md for the version in package.json, both
 * of that commit. Fails without such a section, so that every release has notes. Needs only Node and git.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** @returns the section below `## VERSION` or `## VERSION (DATE)` */
function notesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const found = sections.filter((section) => section.split(/[ \n]/, 1)[0] === version);
  if (found.length !== 1) {
    throw new Error(`CHANGELOG.md has ${found.length} sections for ${version} → add one section "## ${version}".`);
  }
  const [heading = '', ...lines] = found[0].split('\n');
  if (!/^\S+( \(\d{4}-\d{2}-\d{2}\))?$/.test(heading)) {
    throw new Error(`CHANGELOG.md has the heading "## ${heading}" → write "## ${version}" or "## ${version} (DATE)".`);
  }
  const notes = lines.join('\n').trim();
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version} → list its changes.`);
  return notes;
}

function fileAt(commit, path) {
  return execFileSync('git', ['cat-file', 'blob', `${commit}:${path}`], { encoding: 'utf8' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [commit = ''] = process.argv.slice(2);
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) throw new Error('Usage: notes.mjs COMMIT (the whole commit id)');
  const { version } = JSON.parse(fileAt(commit, 'package.json'));
  console.log(notesOf(fileAt(commit, 'CHANGELOG.md'), version));
}
