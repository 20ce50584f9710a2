import { makeBundle, makeStatement, type Signer, signaturePredicate, type Witness } from '@tidegate/attest';
import { type Descriptor, PredicateType, TidegateError } from '@tidegate/core';
import { attachBundle, readStatements, removeBundles } from './evidence-store.ts';
import type { Services } from './services.ts';
import type { Target } from './target.ts';

export interface SignOptions {
  readonly signer: Signer;
  readonly witnesses: readonly Witness[];
}

export interface SignResult {
  /** Bundles that the layout now holds, over the root and every platform. */
  readonly bundles: number;
  readonly signer: string;
}

/**
 * Sign the root and every platform's manifest, and every statement the layout holds about them.
 * Bundles become referrers in the layout; those of an earlier run are replaced, so a re-run leaves no duplicates.
 */
export async function sign(target: Target, options: SignOptions, services: Services): Promise<SignResult> {
  const { image, layout } = target;
  const subjects = new Map<string, Descriptor>();
  for (const descriptor of [image.root, ...image.platforms.map((one) => one.descriptor)]) {
    subjects.set(descriptor.digest, descriptor);
  }
  let bundles = 0;
  for (const subject of subjects.values()) {
    const signature = makeStatement(PredicateType.signature, [{ digest: subject.digest }], signaturePredicate());
    const held = await readStatements(layout, subject);
    await removeBundles(layout, subject);
    const made = await Promise.all(
      [{ bytes: signature.bytes, predicateType: signature.statement.predicateType }, ...held].map(
        async (statement) => ({
          predicateType: statement.predicateType,
          bundle: await makeBundle(statement.bytes, options.signer, options.witnesses),
        }),
      ),
    );
    for (const { bundle, predicateType } of made) {
      await attachBundle(layout, subject, bundle, predicateType);
      bundles += 1;
    }
  }
  if (bundles === 0) throw new TidegateError('signature', 'Nothing was signed: the layout holds no image.');
  services.log.info(`Signed ${bundles} statements as ${options.signer.identity}.`);
  return { bundles, signer: options.signer.identity };
}
