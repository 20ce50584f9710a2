import { type ErrorCode, TidegateError } from '@tidegate/core';

/** What was being done, for the message. */
export interface Attempt {
  /** `registry/repository` */
  readonly name: string;
  readonly registry: string;
  /** `push of blob sha256:…` */
  readonly operation: string;
  /** Takes our secrets out of what the registry says: it knows them, and may repeat them. */
  readonly hide?: (text: string) => string;
}

/** A status that says no, and what the registry says about it, in one error. */
export function refusal(attempt: Attempt, status: number, body: string): TidegateError {
  const said = registryText(attempt.hide?.(body) ?? body);
  return new TidegateError(
    codeOf(status),
    `${attempt.name}: ${attempt.operation}: the registry answered ${status}${said === '' ? '' : ` (${said})`}.`,
    { next: nextFor(status, attempt.registry) },
  );
}

export function unreachable(attempt: Attempt, cause: Error): TidegateError {
  return new TidegateError('network', `${attempt.name}: ${attempt.operation}: ${cause.message}.`, {
    next: `Check that ${attempt.registry} can be reached from here, its certificate, and any proxy.`,
    cause,
  });
}

/** An answer that no registry should give. */
export function invalidResponse(attempt: Attempt, why: string): TidegateError {
  return new TidegateError('registry', `${attempt.name}: ${attempt.operation}: ${attempt.hide?.(why) ?? why}.`, {
    next: `See whether something stands between here and ${attempt.registry}, and whether it is a registry.`,
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
    return 'Check the name and the tag. Some registries want a repository to be created before the first push.';
  if (status === 409 || status === 412)
    return 'Somebody else changed it, or it may not be changed: see what is there now.';
  if (status === 413) return 'Ask the registry (or the proxy before it) to take larger bodies.';
  if (status === 429) return `${registry} limits requests: log in, or try again later.`;
  if (status >= 500 || status === 408) return `${registry} has trouble: try again later.`;
  if (status >= 300 && status < 400) return `Check the name of the registry: ${registry} sends us elsewhere.`;
  return `See what ${registry} says about it.`;
}

/** For who is logged in and may not do this, and for who is not logged in. */
export function loginAdvice(registry: string): string {
  const login = `Log in to ${registry} with credentials that may do this`;
  if (registry !== 'ghcr.io') return `${login}: by registry-username and registry-password, or docker/login-action.`;
  return `${login}. In a workflow: grant the job packages: write (or read), and where something else made the package first, add this repository under "Manage Actions access" in its settings.`;
}

/** distribution-spec, "Error Codes": `{"errors": [{code, message}]}`; some answer plain text. Never HTML pages. */
export function registryText(body: string): string {
  const trimmed = body.trim();
  let text = trimmed.startsWith('<') ? '' : trimmed;
  try {
    const answer = JSON.parse(trimmed) as { errors?: unknown };
    if (Array.isArray(answer?.errors)) {
      text = (answer.errors as { code?: unknown; message?: unknown }[])
        .map((error) => [error?.code, error?.message].filter((part) => typeof part === 'string').join(': '))
        .join('; ');
    }
  } catch {
    // Not JSON: the text itself is all there is.
  }
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return plain.length > 300 ? `${plain.slice(0, 297)}...` : plain;
}
