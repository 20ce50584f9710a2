import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_BUNDLE_BYTES, type PublicKey, parsePublicKey, type Signer, verifies } from '@tidegate/attest';
import { messageOf, parseStrictJson, TidegateError } from '@tidegate/core';
import { type Expected, readAs, readLeft } from '../evidence/tool-document.ts';
import type { Services } from '../services.ts';

/** A key that never leaves its service: cosign requests signatures from the service, and we create the bundle. */
export interface CosignSigner extends Signer {
  readonly publicKey: PublicKey;
  readonly publicKeyPem: string;
}

/** cosign's URI schemes for keys in a service. */
const HELD_ELSEWHERE = /^(awskms|gcpkms|azurekms|hashivault|openbao|k8s|gitlab|pkcs11):/;

export function isHeldElsewhere(key: string): boolean {
  return HELD_ELSEWHERE.test(key);
}

/**
 * Credentials of each service: environment variables that its own client reads. cosign gets no other secret of the job.
 * COSIGN_PASSWORD is for keys that cosign itself has stored in a cluster's secret.
 */
const LOGINS: Readonly<Record<string, RegExp>> = {
  awskms: /^AWS_/,
  gcpkms: /^(GOOGLE_|CLOUDSDK_)/,
  azurekms: /^AZURE_/,
  hashivault: /^(VAULT_|TRANSIT_SECRET_ENGINE_PATH$)/,
  openbao: /^(BAO_|VAULT_|TRANSIT_SECRET_ENGINE_PATH$)/,
  k8s: /^(KUBECONFIG|KUBERNETES_SERVICE_(HOST|PORT)|COSIGN_PASSWORD)$/,
  gitlab: /^(GITLAB_HOST|GITLAB_TOKEN|COSIGN_PASSWORD)$/,
  // The PKCS #11 module of a token has its own configuration, given as a file name.
  pkcs11: /^(COSIGN_PKCS11_|(SOFTHSM2|YUBIHSM_PKCS11)_CONF$)/,
};

/**
 * An empty signing config: cosign only signs and contacts no other service, because we record the signature ourselves.
 */
const NO_SERVICES = { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' };
/** An empty trusted root, so that cosign does not download Sigstore's root. */
const NO_ROOT = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' };
const TIMEOUT = 120_000;
const otherwise = 'nothing is signed';
const PUBLIC_KEY: Expected = { tool: 'cosign', what: 'a public key', otherwise };
const BUNDLE: Expected = { tool: 'cosign', what: 'a bundle', otherwise };

/**
 * @param key as cosign names it: `awskms:///alias/release`, `hashivault://release`, `k8s://namespace/secret`.
 * @param env the job's: only the variables of this key's service are taken from it.
 * @throws TidegateError `tool` with cosign's message when the service does not provide the key.
 */
export async function cosignSigner(
  key: string,
  env: Readonly<Record<string, string>>,
  services: Pick<Services, 'tools' | 'run' | 'temp' | 'signal' | 'children'>,
): Promise<CosignSigner> {
  const { tools, run, temp, signal, children } = services;
  const cosign = await tools.get('cosign');
  const login = LOGINS[key.slice(0, key.indexOf(':'))];
  const names = Object.keys(env).filter((name) => login?.test(name));
  const set = Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const options = { context: await children.create({ login: 'key-service', set }), timeout: TIMEOUT, signal };
  if (/[?&]pin-value=/.test(key)) {
    throw new TidegateError(
      'key-pin-visible',
      "Input key: it contains the token's PIN, which every process could read.",
      {
        next: 'Remove pin-value, and set the PIN as COSIGN_PKCS11_PIN in the env of this step.',
      },
    );
  }
  const publicKeyPem = (await run(cosign.path, ['public-key', '--key', key], options).catch(withoutPkcs11)).stdout;
  const publicKey = readAs(PUBLIC_KEY, () => parsePublicKey(publicKeyPem));
  return {
    identity: publicKey.identity,
    publicKey,
    publicKeyPem,
    async sign(pae) {
      const folder = await mkdtemp(join(temp, 'cosign-'));
      try {
        const file = (name: string) => join(folder, name);
        const [message, config, root, bundle] = [file('message'), file('config'), file('root'), file('bundle')];
        await writeFile(message, pae);
        await writeFile(config, JSON.stringify(NO_SERVICES));
        await writeFile(root, JSON.stringify(NO_ROOT));
        const asked = ['--key', key, '--signing-config', config, '--trusted-root', root, '--bundle', bundle];
        await run(cosign.path, ['sign-blob', '--yes', ...asked, message], options);
        const signature = signatureIn(await readLeft(bundle, BUNDLE, MAX_BUNDLE_BYTES));
        // Verify the signature before it is used, whichever key the service has signed with.
        if (!signature || !verifies(publicKey.key, pae, signature)) {
          throw new TidegateError(
            'kms-mismatch',
            `cosign signed with ${key}, but the signature does not match its public key.`,
            {
              next: 'Check that the key allows signing with SHA-256, and that it was not rotated during the run.',
            },
          );
        }
        return { signature, material: { kind: 'public-key', spki: publicKey.spki, hint: publicKey.hint } };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The standard release of cosign is built without PKCS #11 and fails with "unimplemented". */
function withoutPkcs11(error: unknown): never {
  const lines = messageOf(error).split('\n');
  if (!lines.some((line) => line.includes('pkcs11') && line.includes(': unimplemented'))) throw error;
  throw new TidegateError('cosign-without-pkcs11', 'This cosign was built without PKCS #11.', {
    next: 'Set tools to a folder with cosign-linux-pivkey-pkcs11key-amd64 of the same version from the Sigstore releases.',
    cause: error,
  });
}

function signatureIn(bytes: Uint8Array): Uint8Array | undefined {
  const bundle = readAs(BUNDLE, () => parseStrictJson(bytes, 'The bundle')) as {
    messageSignature?: { signature?: unknown };
  } | null;
  const signature = bundle?.messageSignature?.signature;
  return typeof signature === 'string' ? Buffer.from(signature, 'base64') : undefined;
}
