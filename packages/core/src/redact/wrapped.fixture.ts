/** For tests: how programs write bytes over several lines. Independent of the redactor, and as the tools do it. */

const hex = (byte: number, digits = 2) => byte.toString(16).padStart(digits, '0');
const pieces = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, at * size + size));
const bytesOf = (text: string) => [...Buffer.from(text)];
const shown = (bytes: readonly number[]) =>
  bytes.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
const lines = (text: string, size: number, write: (bytes: number[], offset: number) => string) =>
  pieces(bytesOf(text), size)
    .map((bytes, at) => write(bytes, at * size))
    .join('\n');
const wrap = (text: string, columns: number) =>
  pieces([...text], columns)
    .map((line) => line.join(''))
    .join('\n');
const base64 = (text: string) => Buffer.from(text).toString('base64');

export const WRAPPED: Readonly<Record<string, (secret: string) => string>> = {
  'base64 of 76 columns': (text) => wrap(base64(text), 76),
  'base64 of 64 columns, in JSON': (text) => JSON.stringify(wrap(base64(text), 64)),
  'base64 of 76 columns, behind a user': (text) => wrap(base64(`_json_key:${text}`), 76),
  'base64 of Windows': (text) => wrap(base64(`a${text}`), 64).replaceAll('\n', '\r\n'),
  'base64 of base64': (text) => base64(base64(text)),
  "a Kubernetes secret of a registry's configuration": (text) =>
    wrap(base64(JSON.stringify({ auths: { 'ghcr.io': { auth: base64(`user:${text}`) } } })), 76),
  'xxd -p': (text) => wrap(Buffer.from(text).toString('hex'), 60),
  xxd: (text) =>
    lines(text, 16, (bytes, offset) => {
      const words = pieces(bytes, 2).map((word) => word.map((byte) => hex(byte)).join(''));
      return `${hex(offset, 8)}: ${words.join(' ').padEnd(39)}  ${shown(bytes)}`;
    }),
  'hexdump -C': (text) =>
    lines(text, 16, (bytes, offset) => {
      const halves = pieces(bytes, 8).map((half) => half.map((byte) => hex(byte)).join(' '));
      return `${hex(offset, 8)}  ${halves.join('  ').padEnd(48)}  |${shown(bytes)}|`;
    }),
  'od -x': (text) =>
    lines(text, 16, (bytes, offset) => {
      const words = pieces(bytes, 2).map(([low = 0, high = 0]) => hex(high) + hex(low));
      return `${offset.toString(8).padStart(7, '0')} ${words.join(' ')}`;
    }),
  'od -t x1': (text) =>
    lines(
      text,
      16,
      (bytes, offset) => `${offset.toString(8).padStart(7, '0')} ${bytes.map((byte) => hex(byte)).join(' ')}`,
    ),
  'curl --trace': (text) =>
    lines(`Bearer ${text}`, 16, (bytes, offset) => {
      const pairs = bytes.map((byte) => `${hex(byte)} `).join('');
      return `${hex(offset, 4)}: ${pairs.padEnd(48)}${shown(bytes)}`;
    }),
  'openssl s_client': (text) =>
    lines(text, 16, (bytes, offset) => {
      const pairs = bytes.map((byte, at) => `${hex(byte)}${at === 7 ? '-' : ' '}`).join('');
      return `    ${hex(offset, 4)} - ${pairs.padEnd(48)}  ${shown(bytes)}`;
    }),
  'openssl -text': (text) => lines(text, 15, (bytes) => `    ${bytes.map((byte) => hex(byte)).join(':')}:`),
  'bytes with colons': (text) =>
    bytesOf(text)
      .map((byte) => hex(byte))
      .join(':'),
  "Go's % x": (text) =>
    bytesOf(text)
      .map((byte) => hex(byte))
      .join(' '),
  "Go's %v": (text) => `[${bytesOf(text).join(' ')}]`,
  "Go's %#v": (text) =>
    `[]byte{${bytesOf(text)
      .map((byte) => `0x${byte.toString(16)}`)
      .join(', ')}}`,
  'bytes in JSON': (text) => JSON.stringify({ type: 'Buffer', data: bytesOf(text) }),
  'bytes in JSON, indented': (text) => JSON.stringify(bytesOf(text), null, 2),
  'octal escapes': (text) =>
    bytesOf(text)
      .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
      .join(''),
  'quoted-printable': (text) => {
    const units = bytesOf(text).map((byte) => {
      const one = String.fromCharCode(byte);
      return /[\w-]/.test(one) ? one : `=${hex(byte).toUpperCase()}`;
    });
    return pieces(units, 25)
      .map((line) => line.join(''))
      .join('=\n');
  },
};
