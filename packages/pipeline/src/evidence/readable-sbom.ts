import { type ScannableSbom, scannableSbom } from '@tidegate/attest';
import { type Digest, hasKind } from '@tidegate/core';

/** The SBOM in a statement; undefined if it cannot be scanned, or is of another image. */
export function readableSbom(statement: Uint8Array, subject: Digest): ScannableSbom | undefined {
  try {
    return scannableSbom(statement, subject);
  } catch (error) {
    if (hasKind(error, 'evidence', 'integrity')) return undefined;
    throw error;
  }
}
