import {
  bytesOf,
  type Case,
  checkpoint,
  closed,
  entryOf,
  flip,
  future,
  NO_LOG,
  optional,
  proofOf,
  REBUILT,
} from './case.ts';

export const LOG: Readonly<Record<string, Case>> = {
  'no log entry': { bundle: 'noLog', says: 'no' },
  'no log entry and no time': {
    bundle: 'neither',
    flags: NO_LOG,
    trust: optional,
    says: 'no',
    right: 'client spec, "Time": cosign asks its own clock, so that the image that passes now fails in ten minutes',
  },
  'the log entry removed': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = [];
    },
    says: 'no',
  },
  'the log entry of another signature': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('other').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'the log entry of another certificate': {
    bundle: 'keyless',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('later').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'a key without a log entry': { bundle: 'keyTime', as: 'key', says: 'no' },
  'a key with nothing': { bundle: 'keyAlone', as: 'key', says: 'no' },
  'a key, with the log entry of another key': {
    bundle: 'key',
    as: 'key',
    spoil: (bundle) => {
      bundle.verificationMaterial.tlogEntries = bytesOf('otherKey').verificationMaterial.tlogEntries;
    },
    says: 'no',
  },
  'an altered body': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).canonicalizedBody = bytesOf('other').verificationMaterial.tlogEntries[0].canonicalizedBody;
    },
    says: 'no',
    right: REBUILT,
  },
  'an altered checkpoint signature': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      const [dash, name, encoded = ''] = (lines[4] ?? '').split(' ');
      lines[4] = [dash, name, flip(encoded, 20)].join(' ');
    }),
    says: 'no',
  },
  'an altered checkpoint root': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[2] = flip(lines[2] ?? '');
    }),
    says: 'no',
  },
  'an altered checkpoint size': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[1] = String(Number(lines[1]) + 1);
    }),
    says: 'no',
  },
  'another origin in the checkpoint': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines[0] = 'rekor.sigstore.dev';
    }),
    says: 'no',
  },
  'a checkpoint without signatures': {
    bundle: 'keyless',
    spoil: checkpoint((lines) => {
      lines.splice(4);
    }),
    says: 'no',
  },
  'the checkpoint of another time': {
    bundle: 'keyless',
    spoil: (bundle) => {
      // Sound in itself, and of this log: only the tree is another.
      proofOf(bundle).checkpoint = proofOf(bytesOf('afterwards')).checkpoint;
    },
    says: 'no',
  },
  'an altered hash in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes[0] = flip(proofOf(bundle).hashes[0]);
    },
    says: 'no',
  },
  'a hash too few in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes.pop();
    },
    says: 'no',
  },
  'a hash too many in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).hashes.push(proofOf(bundle).hashes[0]);
    },
    says: 'no',
  },
  'another index in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).logIndex = String(Number(proofOf(bundle).logIndex ?? 0) ^ 1);
    },
    says: 'no',
    right: REBUILT,
  },
  'another index of the entry': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).logIndex = String(Number(entryOf(bundle).logIndex ?? 0) ^ 1);
    },
    says: 'no',
  },
  'another root in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).rootHash = flip(proofOf(bundle).rootHash);
    },
    says: 'no',
    right: REBUILT,
  },
  'another size in the proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      proofOf(bundle).treeSize = String(Number(proofOf(bundle).treeSize) + 1);
    },
    says: 'no',
    right: REBUILT,
  },
  'no proof': {
    bundle: 'keyless',
    spoil: (bundle) => {
      delete entryOf(bundle).inclusionProof;
    },
    says: 'no',
  },
  'no checkpoint': {
    bundle: 'keyless',
    spoil: (bundle) => {
      delete proofOf(bundle).checkpoint;
    },
    says: 'no',
  },
  'a made-up time of integration': {
    bundle: 'noTime',
    spoil: (bundle) => {
      entryOf(bundle).integratedTime = String(Math.floor(Date.now() / 1000));
    },
    says: 'no',
  },
  'a made-up promise of the log': {
    bundle: 'noTime',
    spoil: (bundle) => {
      entryOf(bundle).integratedTime = String(Math.floor(Date.now() / 1000));
      entryOf(bundle).inclusionPromise = { signedEntryTimestamp: bundle.dsseEnvelope.signatures[0].sig };
    },
    says: 'no',
  },
  'the log of another id': {
    bundle: 'keyless',
    spoil: (bundle) => {
      entryOf(bundle).logId.keyId = flip(entryOf(bundle).logId.keyId);
    },
    says: 'no',
  },
  'a log that nobody trusts': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].logId.keyId = flip(root.tlogs[0].logId.keyId, 0);
    },
    says: 'no',
  },
  'a log whose key was withdrawn before': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].publicKey.validFor = closed;
    },
    says: 'no',
    right:
      'trustroot.proto: a key counts within validFor only; sigstore-go looks at it where the log gives a time (v1)',
  },
  'a log whose key is not valid yet': {
    bundle: 'keyless',
    root: (root) => {
      root.tlogs[0].publicKey.validFor = future;
    },
    says: 'no',
    right:
      'trustroot.proto: a key counts within validFor only; sigstore-go looks at it where the log gives a time (v1)',
  },
};
