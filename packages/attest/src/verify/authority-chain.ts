import type { X509Certificate } from '@sigstore/core';
import { messageOf } from '@tidegate/core';
import { unreadable } from '../statement/strict-json.ts';
import {
  type CertificateParsers,
  EXTENSION,
  extendedUsagesOf,
  extensionsOf,
  USAGE,
  unknownCritical,
} from './certificate-extensions.ts';

type Use = 'codeSigning' | 'timeStamping';

/**
 * Why an authority of a trusted root cannot be used, by rules that @sigstore/verify does not check: its own
 * certificates have no critical extension that is not processed (RFC 5280, 4.2: name constraints would be ignored),
 * intermediates allow this usage if they restrict usages, and the first certificate of a timestamp authority has a
 * critical extended key usage for time stamping only (RFC 3161, 2.3).
 * @param chain of a timestamp authority leaf first; of Fulcio without a leaf
 * @returns undefined for a usable authority
 */
export function chainProblem(
  chain: readonly X509Certificate[],
  use: Use,
  parsers: CertificateParsers,
): string | undefined {
  const [leaf] = chain;
  try {
    for (const certificate of chain) {
      const extensions = extensionsOf(certificate, (why) => unreadable(why));
      const [unknown] = unknownCritical(extensions);
      if (unknown !== undefined) return `a certificate has the critical extension ${unknown}, which is not supported`;
      const usages = extendedUsagesOf(extensions, parsers);
      if (use === 'timeStamping' && certificate === leaf) {
        const critical = extensions.get(EXTENSION.extendedKeyUsage)?.critical ?? false;
        if (usages.length !== 1 || usages[0] !== USAGE.timeStamping || !critical) {
          return "a timestamp authority's first certificate is not for time stamping only (RFC 3161, 2.3)";
        }
      } else if (
        usages.length > 0 &&
        !isRoot(certificate) &&
        !usages.some((one) => one === USAGE[use] || one === USAGE.any)
      ) {
        return `a certificate of an authority is not for ${use} (extendedKeyUsage)`;
      }
    }
  } catch (error) {
    return `a certificate of an authority cannot be read (${messageOf(error)})`;
  }
  return undefined;
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.subject.equals(certificate.issuer);
}
