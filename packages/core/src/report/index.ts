export {
  changesBetween,
  changesSection,
  type ImageChanges,
  type ImageState,
  type LiveChanges,
  type PackageChange,
} from './changes.ts';
export { countsText, findingsTable, fixText } from './findings-table.ts';
export {
  type HtmlReport,
  type ReportedFinding,
  type ReportedLayer,
  type ReportedPlatform,
  reportHtml,
} from './html/page.ts';
export { reportJson } from './json.ts';
export { type MergedFinding, mergeFindings, type PlatformFindings } from './merged.ts';
export { NEXT_STEP } from './next-step.ts';
export { planMarkdown } from './plan.ts';
export { type Remedy, remediesFor } from './remedies.ts';
export type { RescanFacts } from './rescan.ts';
export {
  type SarifLog,
  type SarifRun,
  type ScannedPlatform,
  type SourceFinding,
  type SourcePlace,
  sarifLog,
  scanRun,
  sourceRun,
} from './sarif.ts';
export { type PlatformSummary, type SummaryFacts, summaryMarkdown, type TagSummary } from './summary.ts';
