import { columns, formatBytes, formatDuration, type Log, type Progress } from '@tidegate/core';

interface Stage {
  readonly title: string;
  readonly from: number;
  took: number | undefined;
  bytes: number | undefined;
}

/** More are cut: an image of many platforms has several each. */
const MOST = 40;

/**
 * Notes when each group of the log and each transfer ran, for a table at the end of the log: groups are folded, and
 * stages overlap.
 * @param now milliseconds that only go forward
 */
export function stageTimes(
  log: Log,
  progress: Progress,
  now: () => number,
): { readonly log: Log; readonly progress: Progress; readonly table: () => string } {
  const began = now();
  const stages: Stage[] = [];
  const start = (title: string): Stage => {
    const stage: Stage = { title, from: now() - began, took: undefined, bytes: undefined };
    stages.push(stage);
    return stage;
  };
  const end = (stage: Stage) => {
    stage.took ??= now() - began - stage.from;
  };
  return {
    log: {
      ...log,
      async group(title, work) {
        const stage = start(title);
        try {
          return await log.group(title, work);
        } finally {
          end(stage);
        }
      },
    },
    progress: {
      start(title, total) {
        const stage = start(title);
        const shown = progress.start(title, total);
        stage.bytes = 0;
        return {
          advance(bytes) {
            stage.bytes = (stage.bytes ?? 0) + bytes;
            shown.advance(bytes);
          },
          done() {
            end(stage);
            shown.done();
          },
        };
      },
    },
    table: () => tableOf(stages.slice(0, MOST)),
  };
}

/** Empty without stages. */
function tableOf(stages: readonly Stage[]): string {
  if (stages.length === 0) return '';
  const rows = stages.map(({ title, from, took, bytes }) => [
    title,
    formatDuration(from),
    took === undefined ? 'not finished' : formatDuration(took),
    bytes === undefined ? '' : formatBytes(bytes),
  ]);
  return columns([['Stage', 'Start', 'Time', 'Transferred'], ...rows]);
}
