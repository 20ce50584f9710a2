/** An address, or a git repository. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]{0,20}:\/\/|^[\w.-]{1,64}@[\w.-]{1,253}:/i.test(text);
}
