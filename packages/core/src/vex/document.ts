import { parseStrictJson } from '../text/json.ts';
import { readCycloneDxVex } from './cyclonedx.ts';
import { fieldsOf, vexError } from './fields.ts';
import { readOpenVex } from './openvex.ts';
import type { VexDocument } from './statement.ts';

/** A VEX document is small: a megabyte is thousands of statements. */
const MAX_VEX_BYTES = 8 * 1024 * 1024;

/**
 * The statements of an OpenVEX 0.2 or a CycloneDX document.
 * @param where its path or URL, for people
 * @throws TidegateError `bad-input` for another document, and for one none of whose statements can be used.
 */
export function readVex(bytes: Uint8Array, where: string): VexDocument {
  if (bytes.length > MAX_VEX_BYTES)
    throw vexError(where, `it has ${bytes.length} bytes; the maximum is ${MAX_VEX_BYTES}`);
  let value: unknown;
  try {
    value = parseStrictJson(bytes, where);
  } catch (cause) {
    throw vexError(where, cause instanceof Error ? cause.message.replace(`${where}: `, '') : 'not JSON', cause);
  }
  const document = fieldsOf(value, where, 'the document');
  if (document.bomFormat === 'CycloneDX') return readCycloneDxVex(document, where);
  if (typeof document['@context'] === 'string') return readOpenVex(document, where);
  throw vexError(where, 'neither OpenVEX (with @context) nor CycloneDX (with bomFormat)');
}
