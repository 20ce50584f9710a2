/** The time. */
import { bytesOf, type Case, closed, flip, future, stampsOf } from './case.ts';

export const TIME: Readonly<Record<string, Case>> = {
  'no timestamp': { bundle: 'noTime', says: 'no' },
  'an altered timestamp': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle)[0].signedTimestamp = flip(stampsOf(bundle)[0].signedTimestamp);
    },
    says: 'no',
  },
  'the timestamp of another signature': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.timestampVerificationData =
        bytesOf('other').verificationMaterial.timestampVerificationData;
    },
    says: 'no',
  },
  'a timestamp that is none': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle)[0].signedTimestamp = Buffer.from('not a timestamp').toString('base64');
    },
    says: 'no',
  },
  'the same timestamp twice': {
    bundle: 'keyless',
    spoil: (bundle) => {
      stampsOf(bundle).push(stampsOf(bundle)[0]);
    },
    says: 'yes',
  },
  'an authority that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities = [];
    },
    says: 'no',
  },
  'an authority that was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities[0].validFor = closed;
    },
    says: 'no',
  },
  'an authority that is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.timestampAuthorities[0].validFor = future;
    },
    says: 'no',
  },
  'a key without the time that is asked': {
    bundle: 'keyLog',
    as: 'key',
    flags: ['--use-signed-timestamps'],
    trust: { timestamp: 'required' },
    says: 'no',
  },
};
