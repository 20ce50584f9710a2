import { appendFile, stat } from 'node:fs/promises';

/** GitHub drops a step's whole summary above 1 MiB ("Adding a job summary", step isolation and limits). */
const LIMIT = 1024 * 1024;
const NOTE =
  "\n\n_The summary is cut: it exceeds GitHub's limit of 1 MiB. The log and the reports have all results._\n";

/**
 * Append Markdown to the step's summary file. Text above the limit is cut at a line, with a note, because GitHub would
 * show nothing at all.
 * @returns whether all of it was written.
 */
export async function appendSummary(file: string, markdown: string): Promise<boolean> {
  const size = await sizeOf(file);
  const text = markdown.endsWith('\n') ? markdown : `${markdown}\n`;
  if (size + Buffer.byteLength(text) + Buffer.byteLength(NOTE) <= LIMIT) {
    await appendFile(file, text);
    return true;
  }
  const room = LIMIT - size - Buffer.byteLength(NOTE);
  if (room <= 0) return false;
  const head = Buffer.from(text).subarray(0, room);
  const end = head.lastIndexOf('\n');
  await appendFile(file, `${head.subarray(0, Math.max(0, end)).toString('utf8')}${NOTE}`);
  return false;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
