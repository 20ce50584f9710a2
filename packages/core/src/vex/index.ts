export { namesPackages, silencingStatement } from './apply.ts';
export { MAX_VEX_BYTES, readVex } from './document.ts';
export type { UnusableStatement, VexDocument, VexProduct, VexStatement, VexStatus } from './statement.ts';
