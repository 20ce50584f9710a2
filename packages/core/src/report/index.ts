export { changesBetween, type ImageState, type LiveChanges } from './changes.ts';
export { countsText, findingsTable } from './findings-table.ts';
export { type Fix, fixesFor, type LocatedFinding, type Place, placeToChange } from './fixes.ts';
export {
  type HtmlReport,
  type ReportedFinding,
  type ReportedLayer,
  type ReportedPlatform,
  reportHtml,
} from './html/page.ts';
export { reportJson } from './json.ts';
export { NEXT_STEP } from './next-step.ts';
export { planMarkdown } from './plan.ts';
export { type SarifRun, type SourceFinding, sarifLog, scanRun, sourceRun } from './sarif.ts';
export type { SummaryFacts } from './summary/facts.ts';
export { summaryMarkdown } from './summary/summary.ts';
