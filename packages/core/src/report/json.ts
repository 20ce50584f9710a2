import { type Fix, fixesFor } from './fixes.ts';
import type { HtmlReport } from './html/reported.ts';
import type { MergedFinding } from './merged.ts';
import type { SourceFinding } from './sarif-rules.ts';
import type { SummaryFacts } from './summary/facts.ts';
import { judgedFindings } from './summary/judged.ts';

/**
 * Version of the format, which schema/tidegate-report.schema.json describes: fields may be added, none is removed or
 * changed.
 */
const VERSION = 1;

/**
 * All results of a run, for programs: the data of the HTML page, with times, scanners and the contents of the layers.
 * Text from outside is unescaped, except for lone surrogates: programs that display it must escape it.
 */
export function reportJson(page: HtmlReport, facts: SummaryFacts, source?: readonly SourceFinding[]): string {
  const { changes, others = [], platforms = [], publication, rescan, tags, verdict } = facts;
  const references = facts.references && [facts, ...others].flatMap((one) => one.references ?? []);
  const report = {
    version: VERSION,
    image: { name: page.name, digest: page.digest },
    verdict,
    publication,
    tags,
    references,
    platforms: page.platforms.map((one) => {
      const known = platforms.find(({ platform }) => platform === one.platform);
      const { scan, contents, size } = known ?? {};
      return {
        platform: one.platform,
        digest: one.digest,
        size,
        scan: scan && {
          scanner: scan.scanner,
          database: scan.database,
          finishedOn: scan.finishedOn,
          sbom: scan.sbom,
        },
        layers: one.layers.map((layer, at) => ({ ...layer, wasted: contents?.layers[at]?.wasted })),
        packages: one.packages,
        findings: one.findings,
        contents: contents && { traces: contents.traces, statePaths: contents.statePaths, config: contents.config },
      };
    }),
    fixes: fixesOf(facts),
    changes,
    rescan,
    source,
  };
  return `${JSON.stringify(report, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value), 1)}\n`;
}

/** The changes that fix findings, as the summary and the HTML page group them. Suppressed findings need none. */
function fixesOf(facts: SummaryFacts) {
  const { all, blocking } = judgedFindings(facts);
  const counting = all.filter(({ suppressedBy }) => suppressedBy === undefined);
  return fixesFor(counting, (finding) => blocking.has(finding)).map((fix: Fix<MergedFinding>) => {
    const { kind, state, change, name, to, choice, packages, declaredIn, place, removes, worst } = fix;
    return {
      ...{ kind, state, change, name, to, choice, packages, declaredIn, removes, worst },
      place: place && `${place.file}:${place.line}`,
      blocking: fix.blocking,
      platforms: [...new Set(fix.findings.flatMap(({ platforms }) => platforms))],
    };
  });
}
