/**
 * Bytes of the body that the head of a success announces, where it says so in one way: one Content-Length, and nothing
 * that could mean another. All else is for a whole HTTP parser to judge.
 * @param head from the status line on, up to the empty line (RFC 9112)
 */
export function lengthOfPlain(head: string): number | undefined {
  if (!/^HTTP\/1\.1 20[06] /.test(head) || /^(?:transfer-encoding|upgrade)[\t ]*:/im.test(head)) return undefined;
  const [length, ...others] = head.matchAll(/^content-length:[\t ]*([1-9]\d{0,14})[\t ]*$/gim);
  return length && others.length === 0 ? Number(length[1]) : undefined;
}
