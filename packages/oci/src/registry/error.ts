import { clipped, type ErrorId, registryAdvice, TidegateError } from '@tidegate/core';

/** The operation that failed, for messages. */
export interface Attempt {
  /** `registry/repository` */
  readonly name: string;
  readonly registry: string;
  /** `push of blob sha256:…` */
  readonly operation: string;
  /** Whether the request needs permission to push. */
  readonly pushes?: boolean | undefined;
  /** Removes our secrets from text of the registry, which knows them and may repeat them. */
  readonly redact?: (text: string) => string;
}

/** An error from an HTTP status and the registry's message. */
export function refusal(attempt: Attempt, status: number, body: string): TidegateError {
  const reported = registryText(attempt.redact?.(body) ?? body);
  return new TidegateError(
    idOf(status),
    `${attempt.name}: ${attempt.operation}: the registry responded with ${status}${reported === '' ? '' : ` (${reported})`}.`,
    {
      next: registryAdvice({
        registry: attempt.registry,
        repository: attempt.name.slice(attempt.registry.length + 1),
        operation: attempt.pushes ? 'push' : 'pull',
        status,
        text: reported,
      }),
    },
  );
}

/** Connection errors in the user's terms: the error code of Node, the reason, and the next step. */
const CONNECTION: readonly { readonly code: RegExp; readonly why: string; readonly next: string }[] = [
  {
    code: /^(wrong version number|packet length too long)$/,
    why: 'it responds without TLS, like a plain HTTP server',
    next: 'If HOST is a registry without TLS, add it to the input insecure-registries. Otherwise check the port.',
  },
  {
    code: /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|(DEPTH_ZERO_)?SELF_SIGNED_CERT(_IN_CHAIN)?|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    why: 'the authority of its certificate is not trusted here',
    next: 'Set SSL_CERT_FILE in the env of the job to a PEM file with the certificate of that authority.',
  },
  {
    code: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    why: 'its certificate is not valid at this time',
    next: 'Renew the certificate of HOST, or correct the clock of this runner.',
  },
  {
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    why: 'its certificate is for another host name',
    next: 'Use the host name that the certificate was issued for.',
  },
  {
    code: /^(ENOTFOUND|EAI_AGAIN)$/,
    why: 'the host name cannot be resolved',
    next: 'Check the spelling of HOST, and the DNS and the proxy of this runner.',
  },
  {
    code: /^ECONNREFUSED$/,
    why: 'the connection was refused',
    next: 'Check the port of HOST, that its server runs, and the proxy of this runner.',
  },
];

export function unreachable(attempt: Attempt, cause: Error): TidegateError {
  // A ConnectionFailure has the error of Node as its cause.
  const { code } = (cause.cause ?? cause) as NodeJS.ErrnoException;
  // Errors of OpenSSL share the code EPROTO; the message has the reason.
  const reason = /wrong version number|packet length too long/.exec(cause.message)?.[0] ?? code;
  const known = CONNECTION.find((one) => reason !== undefined && one.code.test(reason));
  return new TidegateError(
    'registry-unreachable',
    `${attempt.name}: ${attempt.operation}: ${known ? `${known.why} (${reason})` : cause.message}.`,
    {
      next:
        known?.next.replace('HOST', attempt.registry) ??
        `Check that ${attempt.registry} is reachable from here, its certificate, and any proxy.`,
      cause,
    },
  );
}

/** A response that violates the specification or is unsafe. */
export function invalidResponse(attempt: Attempt, why: string): TidegateError {
  return new TidegateError(
    'registry-response-invalid',
    `${attempt.name}: ${attempt.operation}: ${attempt.redact?.(why) ?? why}.`,
    {
      next: `Check for a proxy in front of ${attempt.registry}, and that this host is a registry.`,
    },
  );
}

function idOf(status: number): ErrorId {
  if (status === 401 || status === 403) return 'registry-denied';
  if (status === 404) return 'registry-not-found';
  if (status === 409 || status === 412) return 'registry-conflict';
  return 'registry-failed';
}

/**
 * distribution-spec, "Error Codes": `{"errors": [{code, message}]}`; some registries send plain text. HTML pages are
 * ignored.
 */
export function registryText(body: string): string {
  const trimmed = body.trim();
  let text = trimmed.startsWith('<') ? '' : trimmed;
  try {
    const response = JSON.parse(trimmed) as { errors?: unknown };
    if (Array.isArray(response?.errors)) {
      text = (response.errors as { code?: unknown; message?: unknown }[])
        .map((error) => [error?.code, error?.message].filter((part) => typeof part === 'string').join(': '))
        .join('; ');
    }
  } catch {
    // Not JSON: use the text itself.
  }
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return clipped(plain, 300);
}
