import { type ErrorCode, TidegateError } from '@tidegate/core';

/** The operation that failed, for messages. */
export interface Attempt {
  /** `registry/repository` */
  readonly name: string;
  readonly registry: string;
  /** `push of blob sha256:…` */
  readonly operation: string;
  /** Removes our secrets from text of the registry, which knows them and may repeat them. */
  readonly redact?: (text: string) => string;
}

/** An error from an HTTP status and the registry's message. */
export function refusal(attempt: Attempt, status: number, body: string): TidegateError {
  const reported = registryText(attempt.redact?.(body) ?? body);
  return new TidegateError(
    codeOf(status),
    `${attempt.name}: ${attempt.operation}: the registry responded with ${status}${reported === '' ? '' : ` (${reported})`}.`,
    { next: nextFor(status, attempt.registry) },
  );
}

export function unreachable(attempt: Attempt, cause: Error): TidegateError {
  return new TidegateError('network', `${attempt.name}: ${attempt.operation}: ${cause.message}.`, {
    next: `Check that ${attempt.registry} is reachable from here, its certificate, and any proxy.`,
    cause,
  });
}

/** A response that violates the specification or is unsafe. */
export function invalidResponse(attempt: Attempt, why: string): TidegateError {
  return new TidegateError('registry', `${attempt.name}: ${attempt.operation}: ${attempt.redact?.(why) ?? why}.`, {
    next: `Check for a proxy in front of ${attempt.registry}, and that this host is a registry.`,
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  return 'registry';
}

function nextFor(status: number, registry: string): string {
  if (status === 401 || status === 403) return loginAdvice(registry);
  if (status === 404)
    return 'Check the name and the tag. Some registries require you to create a repository before the first push.';
  if (status === 409 || status === 412)
    return 'Check its current state: another client changed it, or it is immutable.';
  if (status === 413) return 'Increase the maximum body size of the registry or of the proxy in front of it.';
  if (status === 429) return `Log in, or try again later: ${registry} limits the number of requests.`;
  if (status >= 500 || status === 408) return `Try again later: ${registry} reports a server error.`;
  if (status >= 300 && status < 400) return `Check the registry's name: ${registry} redirects elsewhere.`;
  return `Check the message of ${registry}.`;
}

/** Advice for a user who is not logged in, or lacks permission. */
export function loginAdvice(registry: string): string {
  const login = `Log in to ${registry} with credentials that have this permission`;
  if (registry !== 'ghcr.io') return `${login}: use registry-username and registry-password, or docker/login-action.`;
  return `${login}. In a workflow: grant the job packages: write (or read), and if another repository created the package, add this one under "Manage Actions access" in its settings.`;
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
