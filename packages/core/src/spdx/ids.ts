import exceptionIds from 'spdx-exceptions/index.json' with { type: 'json' };
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import licenseIds from 'spdx-license-ids/index.json' with { type: 'json' };

/** Every identifier of the SPDX License List, deprecated ones included, as the list spells it. */
export const LICENSES: readonly string[] = [...licenseIds, ...deprecatedIds];
export const EXCEPTIONS: readonly string[] = exceptionIds;
