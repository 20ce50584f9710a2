export { countsText, findingsTable, fixText } from './findings-table.ts';
export { type MergedFinding, mergeFindings, type PlatformFindings } from './merged.ts';
export { NEXT_STEP } from './next-step.ts';
export { type Remedy, remediesFor } from './remedies.ts';
export { type PlatformSummary, type SummaryFacts, summaryMarkdown, type TagSummary } from './summary.ts';
