import type { RuleName } from '../policy.ts';

/** The next step for a user after a rule failed. */
export const NEXT_STEP: Readonly<Record<RuleName, string>> = {
  'evidence-readable': 'Create the evidence again for this image, and remove evidence of other images from the layout.',
  'provenance-present': 'Build with build-image, which keeps the provenance that BuildKit writes.',
  'sbom-present':
    'Run generate-sbom on this layout before the gate. If the image has no packages on purpose, set allow-empty-sbom: true.',
  'sbom-distribution-known':
    'Keep /etc/os-release in the image: without it no package of the distribution can be matched.',
  'scan-present': 'Run scan-image on this layout before the gate.',
  'scan-of-this-sbom': 'Run generate-sbom and then scan-image again, because the SBOM changed after it was scanned.',
  'scan-distribution-known':
    'Build on a release that the vulnerability database knows, or name a substitute release under distribution.stand-ins.',
  'scan-recent': 'Run scan-image again.',
  'database-recent': 'Allow scan-image to download a newer database, or accept an older one with max-db-age.',
  'database-source': 'Set db-mirror to a server that database.mirrors of the policy allows, and do not use db-archive.',
  'tools-pinned':
    'Remove tools, builder and BUILDKIT_HOST to use the pinned releases, or accept others in the policy: tools: any.',
  'severity-threshold': 'Make the changes listed under Findings, or add an exception to the policy.',
  'severity-unknown': 'Review the listed advisories, or allow them with unknown-severity: report.',
  'known-exploited': 'Upgrade the listed packages: attackers already exploit these vulnerabilities.',
  'epss-threshold': 'Upgrade the listed packages, or raise vulnerabilities.max-epss in the policy.',
  'risk-threshold': 'Upgrade the listed packages, or raise vulnerabilities.max-risk in the policy.',
  'ignore-current': 'Review the finding again: fix it and remove the entry, or set a new date and reason.',
  'vex-applied': 'Name the package in the VEX statement by its package URL with the version.',
  'scanner-agrees': 'Run scan-image again, without your own configuration of the scanner.',
  'live-image-compared':
    'Set the key of scan-image to the key of sign-image: findings can only be compared as the signer of this run.',
  'licenses-allowed': 'Replace the package, or allow its licence in the policy.',
  'packages-denied': 'Remove the listed package from the image.',
  'base-images-allowed': 'Build from a base image that base-images.allow of the policy lists.',
  'base-image-age': 'Update FROM to a newer digest of the base image.',
  'image-size': 'Keep build-only files out of the last stage.',
  'image-layers': 'Join RUN and COPY instructions, or build in an earlier stage and copy the result.',
  'image-user': 'End the Dockerfile with USER and a non-root user.',
  'image-ports': 'Remove EXPOSE from the Dockerfile, or allow the port in the policy.',
  'image-volumes': 'Remove VOLUME from the Dockerfile, or allow it in the policy.',
  'contents-present': 'Run scan-image on this layout: it reads the layers.',
  'contents-secrets':
    'Remove the secret from the build, and revoke it: deleting it in a later instruction leaves it in the image. Exclude files with .dockerignore, and pass values with RUN --mount=type=secret. Add a harmless sample to contents.allow.',
  'contents-history': 'Keep .git out of the image: add it to .dockerignore, or copy single folders.',
  'contents-hidden-packages':
    'Remove packages with their package manager, and leave its package lists unchanged. Files that must stay without a list belong in a separate stage.',
  'contents-setuid':
    'Remove the program or its bits (chmod a-s), or allow its path under contents.allow in the policy.',
  'contents-shells':
    'Build the last stage from an image without a shell, such as distroless, or allow shells in the policy.',
  'contents-package-managers': 'Copy the needed files from an earlier stage that has the package manager.',
  'contents-state': 'Declare a volume or a mount for persistent data, and keep the files out of the image.',
  'contents-devices': 'Remove device files from the image: the runtime creates those that a container may use.',
  'image-healthcheck': 'Add a HEALTHCHECK to the last stage of the Dockerfile.',
  'image-labels': 'Set the listed labels: with LABEL in the Dockerfile, or the input labels.',
  'registry-allowed': 'Push to a repository that registries.allow of the policy lists.',
  'tests-passed':
    'Run test-image on this layout before the gate, on a runner for each platform, and correct failed tests.',
  'predicates-present':
    'Pass the missing evidence to sign-image, or to the root action: predicate-type and predicate-path.',
  reproduced: 'Set reproducible: check on the build, and correct the difference that its summary names.',
  'verdict-present': 'Run scan-image again: its verdict is recorded when the gate passes.',
  'signature-present': 'Run sign-image after scan-image, and pass push-image the matching key.',
};
