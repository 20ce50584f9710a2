import type { Services } from '../../services.ts';
import type { Builder } from '../builder.ts';

/** In milliseconds. A builder whose disk is full may not respond. */
const PATIENCE = 20_000;

/** The part of a full disk that BuildKit's own cache takes: `buildx du` ends with `Total: 9.1GB`. */
export async function diskUse({ name, env }: Builder, buildx: string, services: Services): Promise<string | undefined> {
  try {
    const { stdout } = await services.run(buildx, ['du', '--builder', name], {
      context: await services.children.create({ login: 'buildx', set: env }),
      timeout: PATIENCE,
      signal: services.signal,
    });
    const [, total] = /^Total:\s+([\d.]+[kMGTP]?B)/m.exec(stdout) ?? [];
    return total === undefined ? undefined : `BuildKit's cache uses ${total}`;
  } catch {
    // Only a detail of the failure that is reported.
    return undefined;
  }
}
