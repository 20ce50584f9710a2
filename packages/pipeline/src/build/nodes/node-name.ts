import { formatPlatform } from '@tidegate/core';
import type { BuilderNode } from '../options.ts';

/** `linux/arm64 (tcp://host:1234)` */
export function nodeName({ platforms, address }: BuilderNode): string {
  return `${platforms.map(formatPlatform).join(', ')} (${address ?? 'kubernetes'})`;
}
