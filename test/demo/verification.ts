import { mkdtemp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PredicateType } from '@tidegate/core';
import type { Command } from './command.ts';
import { expectThat } from './promises.ts';
import type { Screen } from './screen.ts';

export interface Verification {
  readonly cosign: string;
  /** Whom to expect, as cosign is told. */
  readonly flags: readonly string[];
  /** Paths among them, which are shown by their name alone. */
  readonly files: readonly string[];
  readonly stranger: { readonly who: string; readonly flags: readonly string[] };
  /** By digest. */
  readonly reference: string;
  /** One platform of it, by digest: SBOM and scan are about that. */
  readonly platform: string;
  readonly temp: string;
}

/** With cosign, which knows nothing of Tidegate: the signature, and the signed statements. */
export async function verifyAsAnyone(options: Verification, command: Command, screen: Screen): Promise<void> {
  const { cosign, flags, files, reference, platform } = options;
  const home = await mkdtemp(join(options.temp, 'anyone-'));
  const attestation = (type: string) => ['verify-attestation', ...flags, '--type', type];
  const calls = [
    { argv: ['verify', ...flags], variable: 'IMAGE' },
    { argv: attestation('slsaprovenance1'), variable: 'IMAGE' },
    { argv: attestation(PredicateType.verdict), variable: 'IMAGE' },
    { argv: attestation('spdxjson'), variable: 'AMD64' },
    { argv: attestation('vuln'), variable: 'AMD64' },
  ] as const;
  screen.line(`IMAGE=${reference}`);
  screen.line(`AMD64=${platform}`);
  for (const { argv, variable } of calls) {
    const shown = argv.map((word) => (files.includes(word) ? basename(word) : word)).join(' ');
    const said = await screen.wait(`cosign ${shown} $${variable}`, () =>
      command(cosign, [...argv, variable === 'IMAGE' ? reference : platform], {
        env: { HOME: home, XDG_CACHE_HOME: home },
        cwd: home,
      }),
    );
    expectThat(said.trim() !== '', `cosign ${argv[0]} says what it verified`);
  }
  await expectRefusal(options, command, home, screen);
}

/** A check that nothing can fail proves nothing: somebody else must be refused. */
async function expectRefusal(options: Verification, command: Command, home: string, screen: Screen): Promise<void> {
  const { cosign, reference, stranger } = options;
  const argv = ['verify', ...stranger.flags, reference];
  const refused = await command(cosign, argv, { env: { HOME: home, XDG_CACHE_HOME: home }, cwd: home }).then(
    () => false,
    () => true,
  );
  expectThat(refused, `cosign refuses ${stranger.who}`);
  screen.line(`Told to expect ${stranger.who}, cosign refuses.`);
}
