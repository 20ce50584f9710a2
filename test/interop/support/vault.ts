import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const VAULT_TOKEN = 'hvs.a-token-of-vault';

/** RFC 8017, section 9.2, note 1: the prefix of a SHA-256 digest. */
const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Vault's transit secrets engine, with the requests that cosign sends (HashiCorp's API documentation, "Transit"). */
export async function startVault() {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const state = { rotated: false, down: false };
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    asked.push(`${request.method} ${request.url}`);
    if (state.down) return answer(503, { errors: ['Vault is sealed'] });
    if (request.headers['x-vault-token'] !== VAULT_TOKEN) return answer(403, { errors: ['permission denied'] });
    if (request.url?.startsWith('/v1/transit/keys/release')) {
      const pem = publicKey.export({ type: 'spki', format: 'pem' });
      return answer(200, { data: { type: 'rsa-2048', latest_version: 1, keys: { 1: { public_key: pem } } } });
    }
    if (request.url?.startsWith('/v1/transit/sign/release')) {
      const digest = Buffer.from(JSON.parse(await textOf(request)).input, 'base64');
      return answer(200, { data: { signature: `vault:v1:${signDigest(digest).toString('base64')}` } });
    }
    return answer(404, { errors: [] });
  });
  const signDigest = (digest: Buffer) =>
    privateEncrypt(
      { key: state.rotated ? other : privateKey, padding: constants.RSA_PKCS1_PADDING },
      Buffer.concat([DIGEST_INFO, digest]),
    );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    env: { VAULT_ADDR: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, VAULT_TOKEN },
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    state,
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
