import type { ErrorEntries } from './entry.ts';

/** TG5: evidence about an image, the vulnerability database, scans and baselines. */
export const EVIDENCE_ERRORS = {
  'evidence-invalid': {
    code: 'TG5001',
    kind: 'evidence',
    title: 'Evidence cannot be read',
    cause: 'A statement about the image is not in the format of its type: another program wrote or changed it.',
    fix: 'Run the stage that writes this evidence again: evidence must not be edited.',
  },
  'evidence-of-other-image': {
    code: 'TG5002',
    kind: 'evidence',
    title: 'Evidence is about another image',
    cause:
      'An SBOM, scan or statement names another digest than the image that is judged, often because the image was built again after it.',
    fix: 'Run `generate-sbom` and `scan-image` on this image.',
  },
  'provenance-of-other-commit': {
    code: 'TG5003',
    kind: 'evidence',
    title: 'The provenance names another commit than this run',
    cause:
      'A keyless signature certifies repository and commit of the run that signs, and they differ from those of the provenance.',
    fix: 'Sign in a run of the workflow and commit that built the image.',
  },
  'sbom-missing': {
    code: 'TG5004',
    kind: 'evidence',
    title: 'The SBOM for the scan is missing',
    cause: 'The scan reads the SBOM that `generate-sbom` writes into the layout, and there is none, or more than one.',
    fix: 'Run `generate-sbom` on this layout before `scan-image`.',
  },
  'evidence-not-signable': {
    code: 'TG5005',
    kind: 'evidence',
    title: 'The layout contains evidence that cannot be signed',
    cause:
      'A statement in the layout was not written by a stage of Tidegate, or is about another image. Signing it would vouch for it.',
    fix: 'Run `build-image`, `generate-sbom` and `scan-image` again: only their evidence is signed.',
  },
  'signatures-too-many': {
    code: 'TG5006',
    kind: 'evidence',
    title: 'An image has too many signatures to read',
    cause:
      'Everyone who may push to a repository can attach signatures. Their number and size are limited, so that verification ends.',
    fix: 'Remove unneeded signatures from the image.',
  },
  'referrer-false': {
    code: 'TG5007',
    kind: 'integrity',
    title: 'A referrer does not refer to the image',
    cause: 'The list of referrers contains a manifest whose subject is another image.',
    fix: 'Do not trust the list of this registry until the cause is known.',
  },
  'json-invalid': {
    code: 'TG5008',
    kind: 'integrity',
    title: 'A JSON document is not valid or is ambiguous',
    cause: 'The document is not JSON, or has a key twice, so that two programs may read it differently.',
    fix: 'Fix the program that wrote it.',
  },
  'database-file-unreadable': {
    code: 'TG5101',
    kind: 'bad-input',
    title: 'The archive of the vulnerability database cannot be read',
    cause: 'The input `db-archive` names a file that does not exist or is not readable.',
    fix: 'Set the path of a vulnerability database archive, as downloaded from its server.',
  },
  'database-checksum-wrong': {
    code: 'TG5102',
    kind: 'integrity',
    title: 'The vulnerability database does not match its checksum',
    cause:
      'The archive is another one than its server or `db-archive-sha256` names: the download was incomplete, the server was being updated, or something changed it.',
    fix: 'Run again, or download the archive again. If it still fails, do not trust the server or the proxy.',
  },
  'database-unavailable': {
    code: 'TG5103',
    kind: 'tool',
    title: 'The vulnerability database could not be updated',
    cause: 'The server of the database did not respond, also after retries, and the policy accepts no older database.',
    fix: 'Check that its server is reachable, or set another one with `db-mirror`.',
  },
  'database-untrusted': {
    code: 'TG5104',
    kind: 'integrity',
    title: 'The server offers no intact vulnerability database',
    cause: 'Each attempt to download the database returned something that does not match what its server announced.',
    fix: 'Run again. If it still fails, set another server with `db-mirror`, and do not trust this one.',
  },
  'database-unusable': {
    code: 'TG5105',
    kind: 'integrity',
    title: 'The vulnerability database cannot be used',
    cause: 'The file or server is not a Grype database of schema 6, or the database is incomplete.',
    fix: 'Set `db-mirror` or `db-archive` to a complete database of schema 6.',
  },
  'database-not-fetched': {
    code: 'TG5106',
    kind: 'network',
    title: 'The vulnerability database could not be fetched',
    cause: 'The server of the database is not reachable, or cut the connection.',
    fix: 'Check that its server is reachable, or set another one with `db-mirror`.',
  },
  'database-not-accepted': {
    code: 'TG5107',
    kind: 'tool',
    title: 'Grype does not accept its database',
    cause: 'Grype did not confirm the state of the database, so a scan could miss vulnerabilities.',
    fix: 'Run again. If it still fails, report it with the version of Grype.',
  },
  'scan-incomplete': {
    code: 'TG5108',
    kind: 'tool',
    title: 'The scan is incomplete',
    cause:
      'Grype could not compare every package, or does not say what its database covers. A scan with gaps would look like a clean one.',
    fix: 'Run again. If it still fails, report it with the version of Grype.',
  },
  'baseline-document-invalid': {
    code: 'TG5201',
    kind: 'bad-input',
    title: 'The baseline document is not valid',
    cause: 'The file is not the one that `read-baseline` wrote, or another version of Tidegate wrote it.',
    fix: 'Pass the file from `read-baseline` unchanged, and use one version of Tidegate in all jobs.',
  },
  'baseline-moved': {
    code: 'TG5202',
    kind: 'conflict',
    title: 'The live image changed since the comparison',
    cause:
      'The image was compared with the live one, and the tag now points to another image, or this push does not set that tag.',
    fix: 'Run the workflow again, so that the image is compared with the one that is live now.',
  },
  'handed-file-changed': {
    code: 'TG5301',
    kind: 'integrity',
    title: 'A file of another job does not match its checksum',
    cause: 'The file was changed between the job that wrote it and this one, or the checksum is of another run.',
    fix: 'Pass on the file unchanged, with the checksum output of the same run.',
  },
  'layout-of-other-image': {
    code: 'TG5302',
    kind: 'integrity',
    title: 'The layout contains another image than expected',
    cause:
      'The digest of the image in the layout is not the one that an input expects: the layout is of another build, or was changed.',
    fix: 'Find the job that changed the layout, and use the layout that was built and scanned.',
  },
} as const satisfies ErrorEntries;
