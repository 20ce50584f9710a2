export { readVex } from './document.ts';
export type { VexDocument } from './statement.ts';
