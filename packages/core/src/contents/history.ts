import { commandStart } from '../credentials/assignments.ts';
import { withoutSecrets } from './secrets.ts';

/** Long enough to recognise a line. */
const LONGEST = 400;

/**
 * The Dockerfile instruction of a history entry, on one line: BuildKit writes
 * `RUN |1 X=1 /bin/sh -c apt-get … # buildkit`, the old builder `/bin/sh -c #(nop) COPY …`. Build arguments are left
 * out and secrets are redacted: both are in the image, but do not belong in a report.
 */
export function instructionOf(createdBy: string): string {
  let text = createdBy
    .slice(0, 64 * 1024)
    .replace(/\s+/g, ' ')
    .trim();
  text = text.replace(/ ?# buildkit$/, '');
  text = text.replace(/^\/bin\/sh -c #\(nop\) +/, '');
  if (text.startsWith('/bin/sh -c ')) text = `RUN ${text.slice(11)}`;
  else if (text.startsWith('RUN /bin/sh -c ')) text = `RUN ${text.slice(15)}`;
  else {
    const command = commandStart(text);
    if (command !== undefined) text = `RUN ${text.slice(command)}`;
  }
  return withoutSecrets(text).slice(0, LONGEST);
}
