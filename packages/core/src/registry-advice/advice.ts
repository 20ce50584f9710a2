import { registryKind } from './registry-kind.ts';
import { type AdviceRule, GENERAL, type RegistryRefusal, RULES } from './rules.ts';

/**
 * The next step after a registry refused a request, in the terms of that registry.
 * @returns one or two sentences in the imperative
 */
export function registryAdvice(refusal: RegistryRefusal): string {
  const { registry, status, text = '' } = refusal;
  const rules = [...RULES[registryKind(registry, text)], ...GENERAL];
  const rule = rules.find((one) => applies(one, refusal));
  if (rule) return rule.next(refusal);
  if (status >= 500 || status === 408) return `Try again later: ${registry} reports a server error.`;
  if (status >= 300 && status < 400) return `Check the registry's name: ${registry} redirects elsewhere.`;
  return `Check the message of ${registry}.`;
}

function applies({ statuses, operation, text }: AdviceRule, refusal: RegistryRefusal): boolean {
  if (statuses && !statuses.includes(refusal.status)) return false;
  if (operation && operation !== refusal.operation) return false;
  // A server error is never a question of permissions, whatever it quotes.
  return !text || (refusal.status < 500 && text.test(refusal.text ?? ''));
}
