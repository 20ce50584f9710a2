import { expect, test } from '@jest/globals';
import { bundle, bytesOf, der, keylessTrust, RECORDED, withExtension, withOther } from './recorded-sigstore.fixture.ts';
import { verifyBundle } from './verify.ts';

const ISSUER = '1.3.6.1.4.1.57264.1.8';
const ISSUER_BARE = '1.3.6.1.4.1.57264.1.1';
const NAMES = '2.5.29.17';
const text = (value: string) => der(0x0c, Buffer.from(value));
const uri = (value: string) => der(0x86, Buffer.from(value));
const sound: string = bundle().verificationMaterial.certificate.rawBytes;
const issuer = text(RECORDED.issuer);

// These errors are reported before the certificate's signature is verified, so that signature need not be valid here.
test.each<[string, string, string]>([
  ['another issuer in the old form', withOther(sound, [ISSUER_BARE, Buffer.from('https://evil')]), 'names two OpenID'],
  ['another issuer in the new form', withOther(sound, [ISSUER, text('https://evil')]), 'names two OpenID'],
  ['its issuer twice', withExtension(sound, [ISSUER, issuer]), `${ISSUER} twice`],
  ['bytes behind its issuer', withOther(sound, [ISSUER, Buffer.concat([issuer, Buffer.from([0])])]), 'cannot be read'],
  ['an issuer of another type of text', withOther(sound, [ISSUER, der(0x13, Buffer.from('x'))]), 'is not text'],
  ['its names twice', withExtension(sound, [NAMES, der(0x30, uri(RECORDED.identity))]), `${NAMES} twice`],
  [
    'two names',
    withOther(sound, [NAMES, der(0x30, Buffer.concat([uri(RECORDED.identity), uri('https://evil')]))]),
    '2 subject alternative names',
  ],
  ['a name that is no UTF-8', withOther(sound, [NAMES, der(0x30, der(0x86, Buffer.from([0xff])))]), 'not UTF-8'],
  ['no name in its names', withOther(sound, [NAMES, der(0x30, Buffer.alloc(0))]), '0 subject alternative names'],
  ['names that are no list', withOther(sound, [NAMES, Buffer.from([0x30, 0x85, 1, 1, 1, 1, 1])]), 'cannot be read'],
  ['a claim of no encoding', withOther(sound, ['1.3.6.1.4.1.57264.1.12', Buffer.from([0x1f])]), 'cannot be read'],
  [
    'bytes behind it',
    Buffer.concat([Buffer.from(sound, 'base64'), Buffer.from([0])]).toString('base64'),
    'cannot be read',
  ],
])('a certificate with %s has no identity', async (_, certificate, why) => {
  const spoilt = bundle();
  spoilt.verificationMaterial.certificate.rawBytes = certificate;
  const trust = await keylessTrust();
  expect(() => verifyBundle(bytesOf(spoilt), trust, RECORDED.image)).toThrow(
    expect.objectContaining({
      kind: expect.stringMatching(/^(evidence|signature)$/),
      message: expect.stringContaining(why),
    }),
  );
});

test('a certificate that was written anew, and says the same, is read; its signature no longer holds', async () => {
  const spoilt = bundle();
  spoilt.verificationMaterial.certificate.rawBytes = withOther(sound, [ISSUER, issuer]);
  const trust = await keylessTrust();
  expect(() => verifyBundle(bytesOf(spoilt), trust, RECORDED.image)).toThrow('certificate is invalid');
});
