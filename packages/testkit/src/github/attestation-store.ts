/**
 * GitHub's attestation store of one repository, as strict as the original where its rules are known: the REST page
 * "Create an attestation", and messages that users of actions/attest report. attestation-store.test.ts names the source
 * of each. It verifies no signature.
 */
import type { IncomingMessage } from 'node:http';
import { answerJson, type Loopback, readBody, serveLoopback } from '../network/loopback.ts';

interface StoredAttestation {
  readonly id: number;
  readonly predicateType: string;
  /** `sha256:…` of each subject. */
  readonly subjects: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: as it was sent
  readonly bundle: any;
}

export interface AttestationStore extends Loopback {
  readonly stored: readonly StoredAttestation[];
}

export interface StoreOptions {
  /** `owner/name`. */
  readonly repository: string;
  /** By token; GitHub knows no other. */
  readonly tokens: Readonly<Record<string, 'write' | 'read'>>;
  /** A private repository of a user: the store is not available. */
  readonly isUnavailable?: boolean;
  /** Called before each attestation is stored: tests fail a request, or look at what exists by then. */
  readonly onStore?: () => Promise<number | undefined> | number | undefined;
}

type Reply = readonly [status: number, value: unknown];

const say = (status: number, message: string): Reply => [
  status,
  {
    message,
    documentation_url: 'https://docs.github.com/rest/repos/attestations#create-an-attestation',
    status: `${status}`,
  },
];

/** On loopback. Its URL, without the trailing slash, is GITHUB_API_URL. */
export async function startAttestationStore(options: StoreOptions): Promise<AttestationStore> {
  const stored: StoredAttestation[] = [];
  const server = await serveLoopback(async (request, response, url) => {
    const failing = request.method === 'POST' ? await options.onStore?.() : undefined;
    const body = await readBody(request);
    if (failing !== undefined) return answerJson(response, ...say(failing, 'Server Error'));
    answerJson(response, ...answer(request, url.pathname, body, options, stored));
  });
  return { ...server, stored };
}

function answer(
  { headers, method }: IncomingMessage,
  path: string,
  body: Buffer,
  { repository, tokens, isUnavailable = false }: StoreOptions,
  stored: StoredAttestation[],
): Reply {
  const token = /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return say(401, 'Requires authentication');
  if (!Object.hasOwn(tokens, token)) return say(401, 'Bad credentials');
  if (method !== 'POST' || path.toLowerCase() !== `/repos/${repository}/attestations`.toLowerCase()) {
    return say(404, 'Not Found');
  }
  if (tokens[token] !== 'write') return say(403, 'Resource not accessible by integration');
  if (isUnavailable) {
    return say(
      403,
      'Feature not available for user-owned private repositories. To enable this feature, please make this repository public.',
    );
  }
  const found = attestationIn(body, repository);
  if (typeof found === 'string') return say(422, `Invalid Argument - ${found}`);
  const id = 1_000_000 + stored.length;
  stored.push({ id, ...found });
  return [201, { id }];
}

/** @returns why it is refused, if it is */
function attestationIn(body: Buffer, repository: string): Omit<StoredAttestation, 'id'> | string {
  try {
    const { bundle } = JSON.parse(body.toString());
    if (!/^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[123])$/.test(bundle.mediaType)) {
      return 'unsupported media type';
    }
    const { verificationMaterial: material, dsseEnvelope: envelope } = bundle;
    const raw = material.certificate?.rawBytes ?? material.x509CertificateChain?.certificates?.[0]?.rawBytes;
    if (typeof raw !== 'string') return 'no certificate';
    // Fulcio's extensions contain URIs as plain text (fulcio, docs/oid-info.md, 1.3.6.1.4.1.57264.1.12).
    if (!Buffer.from(raw, 'base64').includes(`https://github.com/${repository}`)) return 'values do not match';
    if (envelope.payloadType !== 'application/vnd.in-toto+json' || envelope.signatures.length !== 1) {
      return 'not an in-toto statement with one signature';
    }
    const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString());
    const subjects: string[] = statement.subject.map(
      (one: { digest: { sha256: string } }) => `sha256:${one.digest.sha256}`,
    );
    if (subjects.length === 0 || subjects.length > 1024) return 'number of subjects';
    if (new Set(subjects).size !== subjects.length) return 'duplicate subject in statement';
    return { predicateType: statement.predicateType, subjects, bundle };
  } catch {
    return 'bundle cannot be read';
  }
}
