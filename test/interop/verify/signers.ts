/** Sound signatures and their signers. */
import { PredicateType } from '@tidegate/core';
import { bytesOf, type Case, flip, NO_LOG, optional } from './case.ts';
import { both, cosignSigns, twoBundles } from './placed.ts';
import { IDENTITY } from './signatures.ts';

export const GOOD: Readonly<Record<string, Case>> = {
  'keyless, signed here': { bundle: 'keyless', says: 'yes' },
  'keyless, in a registry without referrers': { bundle: 'keyless', registry: 'distribution', says: 'yes' },
  'keyless with two timestamps': { bundle: 'twoTimes', says: 'yes' },
  'keyless, the identity by a pattern': {
    bundle: 'keyless',
    regexp: '^https://github\\.com/octo-org/octo-app/.*$',
    says: 'yes',
  },
  'keyless without a log, where none is asked': {
    bundle: 'noLog',
    flags: [...NO_LOG, '--use-signed-timestamps'],
    trust: optional,
    says: 'yes',
  },
  'keyless provenance': { bundle: 'provenance', predicateType: PredicateType.provenance, says: 'yes' },
  'a key, in the log and with a time': { bundle: 'key', as: 'key', says: 'yes' },
  'a key, in a registry without referrers': { bundle: 'key', as: 'key', registry: 'distribution', says: 'yes' },
  'a key, in the log': { bundle: 'keyLog', as: 'key', says: 'yes' },
  'a key with a time, where no log is asked': {
    bundle: 'keyTime',
    as: 'key',
    flags: NO_LOG,
    trust: optional,
    says: 'yes',
  },
  'a key alone, where no log is asked': { bundle: 'keyAlone', as: 'key', flags: NO_LOG, trust: optional, says: 'yes' },
  'a key, the time asked for': {
    bundle: 'key',
    as: 'key',
    flags: ['--use-signed-timestamps'],
    trust: { timestamp: 'required' },
    says: 'yes',
  },
  'provenance by a key': { bundle: 'keyProvenance', as: 'key', predicateType: PredicateType.provenance, says: 'yes' },
  'cosign sign, keyless': { place: cosignSigns('sign'), says: 'yes' },
  'cosign sign, keyless, without referrers': { place: cosignSigns('sign'), registry: 'distribution', says: 'yes' },
  'cosign sign, a key': { place: cosignSigns('sign', 'key'), as: 'key', says: 'yes' },
  'cosign sign, a key, without referrers': {
    place: cosignSigns('sign', 'key'),
    as: 'key',
    registry: 'distribution',
    says: 'yes',
  },
  'cosign attest, keyless': { place: cosignSigns('attest'), predicateType: PredicateType.provenance, says: 'yes' },
  'cosign attest, a key': {
    place: cosignSigns('attest', 'key'),
    as: 'key',
    predicateType: PredicateType.provenance,
    says: 'yes',
  },
  'cosign 2, a key': {
    place: cosignSigns('sign', 'key', 'old'),
    as: 'key',
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'cosign 2, a key, without referrers': {
    place: cosignSigns('sign', 'key', 'old'),
    as: 'key',
    registry: 'distribution',
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'cosign 2, attest with a key': {
    place: cosignSigns('attest', 'key', 'old'),
    as: 'key',
    predicateType: PredicateType.provenance,
    flags: [...NO_LOG, '--new-bundle-format=false'],
    trust: optional,
    says: 'yes',
  },
  'a good bundle beside a damaged one': {
    place: both('keyless', (bundle) => {
      bundle.dsseEnvelope.signatures[0].sig = flip(bundle.dsseEnvelope.signatures[0].sig);
    }),
    says: 'yes',
  },
  "a good bundle beside somebody else's": { place: twoBundles('otherKey', 'key'), as: 'key', says: 'yes' },
};

export const IDENTITIES: Readonly<Record<string, Case>> = {
  'another identity': { bundle: 'keyless', identity: IDENTITY.replace('release', 'other'), says: 'no' },
  'the identity cut short': { bundle: 'keyless', identity: IDENTITY.slice(0, -1), says: 'no' },
  'the identity of another ref': { bundle: 'keyless', identity: IDENTITY.replace('main', 'dev'), says: 'no' },
  'the identity in capitals': { bundle: 'keyless', identity: IDENTITY.toUpperCase(), says: 'no' },
  'another issuer': { bundle: 'keyless', issuer: 'https://token.actions.githubusercontent.com', says: 'no' },
  'the issuer with a slash': { bundle: 'keyless', issuer: 'slash', says: 'no' },
  'a pattern that fits elsewhere': { bundle: 'keyless', regexp: '^https://gitlab\\.com/.*$', says: 'no' },
  'a pattern that fits a part': {
    bundle: 'keyless',
    regexp: 'https://github\\.com',
    says: 'no',
    right: 'cosign documents an unanchored regexp; who writes a prefix here must not admit https://github.com.evil',
  },
  'a key asked, keyless there': { bundle: 'keyless', as: 'key', says: 'no' },
  'keyless asked, a key there': { bundle: 'key', says: 'no' },
  'another key': { bundle: 'otherKey', as: 'key', says: 'no' },
  'the other key asked': { bundle: 'key', as: 'other key', says: 'no' },
  "another key under this one's hint": {
    bundle: 'otherKey',
    as: 'key',
    spoil: (bundle) => {
      bundle.verificationMaterial.publicKey = bytesOf('key').verificationMaterial.publicKey;
    },
    says: 'no',
  },
};
