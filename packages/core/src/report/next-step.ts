import type { RuleName } from '../policy.ts';

/** What a user can do where a rule failed. */
export const NEXT_STEP: Readonly<Record<RuleName, string>> = {
  'evidence-readable': 'Make the evidence again for this image; remove what is not about it from the layout.',
  'provenance-present': 'Build with build-image, which keeps the provenance that BuildKit writes.',
  'sbom-present': 'Run generate-sbom on this layout before the gate.',
  'sbom-distribution-known':
    'Keep /etc/os-release in the image: without it no package of the distribution can be matched.',
  'scan-present': 'Run scan-image on this layout before the gate.',
  'scan-of-this-sbom': 'Run generate-sbom and then scan-image again: the SBOM changed after it was scanned.',
  'scan-distribution-known':
    'Build on a release that the vulnerability database knows, or name the release that stands in for it under distribution.stand-ins.',
  'scan-recent': 'Run scan-image again.',
  'database-recent': 'Let scan-image download a newer database, or allow an older one with max-db-age.',
  'database-source':
    'Let db-mirror name a server that database.mirrors of the policy allows, and do not use db-archive.',
  'tools-pinned':
    'Leave out tools, builder and BUILDKIT_HOST so that the pinned releases run, or let the policy accept others: tools: any.',
  'severity-threshold': 'Upgrade what is named under Findings.',
  'severity-unknown': 'Look at the advisories named; unknown-severity: report lets them pass.',
  'known-exploited': 'Upgrade what is named: attackers use it already.',
  'epss-threshold': 'Upgrade what is named, or raise vulnerabilities.max-epss in the policy.',
  'risk-threshold': 'Upgrade what is named, or raise vulnerabilities.max-risk in the policy.',
  'ignore-current': 'Look at the finding again: mend it and remove the entry, or give it a new date and reason.',
  'vex-applied': 'Name the package in the VEX statement by its package URL with the version.',
  'scanner-agrees': 'Run scan-image again, without a configuration of your own for the scanner.',
  'live-image-compared':
    'Let scan-image compare as the signer of this run: give it the key that sign-image signs with.',
  'licenses-allowed': 'Replace the package, or allow its licence in the policy where that is your decision.',
  'packages-denied': 'Remove the package that is named from the image.',
  'base-images-allowed': 'Build from a base image that the policy names under base-images.allow.',
  'base-image-age': 'Move FROM to a newer digest of the base image.',
  'image-size': 'Leave out of the last stage what only the build needs.',
  'image-layers': 'Join RUN and COPY instructions, or build in an earlier stage and copy the result.',
  'image-user': 'End the Dockerfile with USER and a user that is not root.',
  'image-ports': 'Take the EXPOSE out of the Dockerfile, or allow the port in the policy.',
  'image-volumes': 'Take the VOLUME out of the Dockerfile, or allow it in the policy.',
  'contents-present': 'Run scan-image on this layout: it reads the layers.',
  'contents-secrets':
    'Take the secret out of the build, and revoke it: deleting it in a later instruction leaves it in the image. .dockerignore keeps a file out, RUN --mount=type=secret a value. A sample that opens nothing goes into contents.allow.',
  'contents-history': 'Keep .git out of the image: name it in .dockerignore, or copy single folders.',
  'contents-hidden-packages':
    'Remove packages with their package manager, and leave its lists as they are. Files that must stay without a list belong in a stage of their own.',
  'contents-setuid':
    'Remove the program or its bits (chmod a-s), or allow its path under contents.allow in the policy.',
  'contents-shells':
    'Build the last stage from an image without a shell, such as distroless, or let shells pass in the policy.',
  'contents-package-managers': 'Copy what the last stage needs out of a stage that has the package manager.',
  'contents-state':
    'Declare a volume or a mount for what must outlive the container, and leave the files out of the image.',
  'contents-devices': 'Leave device files out of the image: the runtime makes those that a container may use.',
  'image-healthcheck': 'Add a HEALTHCHECK to the last stage of the Dockerfile.',
  'image-labels': 'Set the labels that are named: LABEL in the Dockerfile, or the input labels.',
  'registry-allowed': 'Push to a repository that the policy names under registries.allow.',
  'verdict-present': 'Run scan-image again: its verdict is recorded when the gate opens.',
  'signature-present': 'Run sign-image after scan-image, and give push-image the key that belongs to it.',
};
