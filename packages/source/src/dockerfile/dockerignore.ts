import picomatch from 'picomatch';

/** Whether a path of the build context is kept out of it (Docker's .dockerignore rules: the last match counts). */
export function dockerignore(text: string): (path: string) => boolean {
  const patterns = text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const keeps = line.startsWith('!');
      const pattern = (keeps ? line.slice(1).trim() : line).replace(/^\/+|\/+$/g, '').replace(/^\.\//, '');
      // Docker's patterns are Go's path.Match with `**`: no braces and no extended globs.
      const matches = picomatch(pattern, { dot: true, nobrace: true, noextglob: true, nonegate: true });
      return { keeps, matches };
    });
  return (path) => {
    const parts = path.split('/');
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let ignored = false;
    for (const { keeps, matches } of patterns) if (above.some((each) => matches(each))) ignored = !keeps;
    return ignored;
  };
}
