/** A promise the demo makes. @throws when it does not hold, with what was seen. */
export function expectThat(holds: boolean, promise: string, seen = ''): void {
  if (!holds) throw new Error(`it does not hold that ${promise}.${seen ? `\n${seen}` : ''}`);
}

export function sameTags(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): boolean {
  return before.size === after.size && [...before].every(([tag, digest]) => after.get(tag) === digest);
}
