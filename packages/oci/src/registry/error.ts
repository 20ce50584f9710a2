import { type ErrorId, registryAdvice, TidegateError } from '@tidegate/core';

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

export function unreachable(attempt: Attempt, cause: Error): TidegateError {
  return new TidegateError('registry-unreachable', `${attempt.name}: ${attempt.operation}: ${cause.message}.`, {
    next: `Check that ${attempt.registry} is reachable from here, its certificate, and any proxy.`,
    cause,
  });
}

/** A response that violates the specification or is unsafe. */
export function invalidResponse(attempt: Attempt, why: string): TidegateError {
  return new TidegateError(
    'registry-response',
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
  return plain.length > 300 ? `${plain.slice(0, 297)}...` : plain;
}
