import {
  columns,
  escapeMarkdown,
  folded,
  formatBytes,
  formatDuration,
  type Log,
  type Progress,
  table,
} from '@tidegate/core';

interface Stage {
  readonly title: string;
  readonly from: number;
  took: number | undefined;
  bytes: number | undefined;
}

/** More are cut: an image of many platforms has several each. */
const MOST = 40;
const HEADERS = ['Stage', 'Start', 'Time', 'Transferred'];

/**
 * Notes when each group of the log and each transfer ran. Each group ends with its duration; a table at the end of the
 * log and a fold of the summary have all of them: groups are folded, and stages overlap.
 * @param now milliseconds that only go forward
 */
export function stageTimes(
  log: Log,
  progress: Progress,
  now: () => number,
): { readonly log: Log; readonly progress: Progress; readonly table: () => string; readonly markdown: () => string } {
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
        const ended = (inner: Log, how: string) => {
          end(stage);
          inner.info(`${title} ${how} ${formatDuration(stage.took ?? 0)}.`);
        };
        return log.group(title, async (inner) => {
          try {
            const result = await work(inner);
            ended(inner, 'finished in');
            return result;
          } catch (error) {
            // Failed itself, or stopped because another stage failed.
            ended(inner, 'stopped after');
            throw error;
          }
        });
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
    table: () => (stages.length === 0 ? '' : columns([HEADERS, ...rowsOf(stages)])),
    markdown: () =>
      stages.length === 0
        ? ''
        : folded(
            'Stage times',
            table(
              HEADERS,
              rowsOf(stages).map((row) => row.map(escapeMarkdown)),
            ),
          ),
  };
}

function rowsOf(stages: readonly Stage[]): readonly (readonly string[])[] {
  return stages
    .slice(0, MOST)
    .map(({ title, from, took, bytes }) => [
      title,
      formatDuration(from),
      took === undefined ? 'not finished' : formatDuration(took),
      bytes === undefined ? '' : formatBytes(bytes),
    ]);
}
