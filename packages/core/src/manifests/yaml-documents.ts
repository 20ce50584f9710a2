import type { Document, LineCounter, ParsedNode } from 'yaml';

/** More than any real file has: `...` in each line of 4 MB makes a million. */
const MOST_DOCUMENTS = 20_000;

/**
 * The documents of a text, up to its first error. The parser collects all errors, each with a stack trace: 4 MB of `}`
 * are 4 million, which takes two minutes.
 * @throws YAMLParseError for the first error, also one outside of the documents
 */
export function* documentsIn(
  yaml: typeof import('yaml'),
  text: string,
  lineCounter: LineCounter,
): Generator<Document.Parsed<ParsedNode>> {
  const composer = new yaml.Composer({
    // Every scalar is text: 1.10 stays 1.10.
    ...{ schema: 'failsafe', version: '1.2', merge: false, strict: true, keepSourceTokens: true },
    // The reader checks it: the parser compares every pair of keys, which takes minutes for 40,000 keys.
    uniqueKeys: false,
    ...{ lineCounter, logLevel: 'silent', prettyErrors: false },
  });
  type Place = number | [number, number] | { readonly range?: unknown; readonly offset: number };
  // Its own function collects. Without this, the errors of the documents are still seen, but later.
  let first: Error | undefined;
  const onError = (source: Place, code: 'IMPOSSIBLE', message: string, isWarning?: boolean): void => {
    if (isWarning) return;
    // The parser catches an error of each node, for stacks that overflow, and reports it at the node around it.
    if (first) throw first;
    const at = typeof source === 'number' ? source : Array.isArray(source) ? source[0] : source.offset;
    first = new yaml.YAMLParseError([at, at + 1], code, message);
    throw first;
  };
  Object.assign(composer, { onError });
  const parser = new yaml.Parser(lineCounter.addNewLine);
  let count = 0;
  for (const token of parser.parse(text)) {
    const { offset } = token;
    if (token.type === 'document') count += 1;
    if (count > MOST_DOCUMENTS) onError(offset, 'IMPOSSIBLE', `More than ${MOST_DOCUMENTS} documents`);
    if (token.type === 'doc-end' && count === 0) onError(offset, 'IMPOSSIBLE', 'End of a document without a document');
    if (token.type === 'error') {
      onError(offset, 'IMPOSSIBLE', `${token.message}${token.source ? `: ${JSON.stringify(token.source)}` : ''}`);
    }
    yield* composed(composer.next(token));
  }
  yield* composed(composer.end());
}

function* composed(
  documents: Iterable<Document | Document.Parsed<ParsedNode>>,
): Generator<Document.Parsed<ParsedNode>> {
  for (const document of documents) {
    const [error] = document.errors;
    if (error) throw error;
    yield document as Document.Parsed<ParsedNode>;
  }
}
