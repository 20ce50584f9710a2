import { isMap, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** A step of a job, and the lines that it takes in the file. */
export interface Step {
  readonly node: YAMLMap;
  /** `docker/build-push-action`, without its version; '' for `run`. */
  readonly action: string;
  /** Name of the step's id; '' without one. */
  readonly id: string;
  /** First line, from 0: the one with the dash. */
  readonly first: number;
  /** Line after the last one, without the comments that belong to the next step. */
  readonly end: number;
  /** Column of the dash. */
  readonly indent: number;
}

export interface WorkflowJob {
  readonly name: string;
  readonly node: YAMLMap;
  readonly steps: readonly Step[];
  /** Line of `steps:`. */
  readonly stepsLine: number;
  /** Column of the job's keys. */
  readonly indent: number;
}

export interface WorkflowFile {
  readonly text: string;
  readonly lines: readonly string[];
  readonly root: YAMLMap;
  readonly jobs: readonly WorkflowJob[];
}

/** A workflow with its steps; undefined if the text is not a workflow in block style, which could not be edited safely. */
export function readWorkflow(text: string): WorkflowFile | undefined {
  const document = parseDocument(text, { keepSourceTokens: true });
  const root = document.contents as ParsedNode | null;
  if (document.errors.length > 0 || !isMap(root)) return undefined;
  const lines = text.split('\n');
  const starts = lineStarts(lines);
  const lineAt = (offset: number) => starts.findLastIndex((start) => start <= offset);
  const jobs = root.get('jobs');
  if (!isMap(jobs)) return undefined;
  const read = jobs.items.flatMap((pair): WorkflowJob[] => {
    const node = pair.value;
    if (!isMap(node) || node.flow || !isScalar(pair.key)) return [];
    const at = node.items.find(({ key }) => isScalar(key) && key.value === 'steps');
    const seq = at?.value;
    if (!isSeq(seq) || seq.flow || !isScalar(at?.key) || !at.key.range) return [];
    const stepsLine = lineAt(at.key.range[0]);
    const indent = at.key.range[0] - (starts[stepsLine] ?? 0);
    return [{ name: String(pair.key.value), node, steps: stepsOf(seq, lines, lineAt, starts), stepsLine, indent }];
  });
  return { text, lines, root, jobs: read };
}

function lineStarts(lines: readonly string[]): readonly number[] {
  let offset = 0;
  return lines.map((line) => {
    const start = offset;
    offset += line.length + 1;
    return start;
  });
}

function stepsOf(
  seq: YAMLSeq,
  lines: readonly string[],
  lineAt: (offset: number) => number,
  starts: readonly number[],
): readonly Step[] {
  const token = seq.srcToken;
  if (token?.type !== 'block-seq') return [];
  const dashes = token.items.flatMap(({ start }) =>
    start.flatMap((one) => (one.type === 'seq-item-ind' ? [one.offset] : [])),
  );
  const end = lineAt(Math.max(0, (seq.range?.[1] ?? 1) - 1)) + 1;
  return seq.items.flatMap((node, at): Step[] => {
    const dash = dashes[at];
    if (!isMap(node) || dash === undefined) return [];
    const first = lineAt(dash);
    const indent = dash - (starts[first] ?? 0);
    const next = dashes[at + 1];
    const limit = next === undefined ? end : lineAt(next);
    return [
      {
        node,
        first,
        indent,
        end: withoutComments(lines, first, limit, indent),
        action: actionOf(node),
        id: textAt(node, 'id'),
      },
    ];
  });
}

/** Blank lines, and comments that are not indented below the dash, belong to what follows. */
function withoutComments(lines: readonly string[], first: number, limit: number, indent: number): number {
  let end = limit;
  while (end > first + 1) {
    const line = (lines[end - 1] ?? '').trimEnd();
    const column = line.length - line.trimStart().length;
    if (line !== '' && !(line.trimStart().startsWith('#') && column <= indent)) break;
    end -= 1;
  }
  return end;
}

function actionOf(node: YAMLMap): string {
  return textAt(node, 'uses').split('@')[0]?.toLowerCase() ?? '';
}

/** The text of a scalar; '' for anything else. */
export function textAt(node: YAMLMap, key: string): string {
  const value = node.get(key);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** The inputs of a step, as text, in their order. */
export function inputsOf({ node }: Step): ReadonlyMap<string, string> {
  const inputs = node.get('with');
  if (!isMap(inputs)) return new Map();
  return new Map(
    inputs.items.flatMap(({ key, value }): [string, string][] =>
      isScalar(key) && isScalar(value) && value.value !== null ? [[String(key.value), String(value.value)]] : [],
    ),
  );
}
