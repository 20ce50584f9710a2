import type { CST, Document, Lexer, LineCounter, ParsedNode, Parser } from 'yaml';

/** More than any real file has: `...` in each line of 4 MB makes a million. */
const MOST_DOCUMENTS = 20_000;
/**
 * Texts, marks and spaces, for each of which the parser keeps a node: 4 MB of `a: b` would take more than a gigabyte. A
 * megabyte of CRDs has 75,000, and one of the densest real manifests 290,000.
 */
const MOST_TOKENS = 1_000_000;

/**
 * The documents of a text, up to its first error. Errors outside of documents, such as 4 MB of `}`, end the reading at
 * once. Those of one document are collected by the parser: none has a stack trace, so that a bad document takes no longer
 * than a good one of its size.
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
  const fail = (at: number, message: string): never => {
    throw new yaml.YAMLParseError([at, at + 1], 'IMPOSSIBLE', message);
  };
  const parser = new yaml.Parser(lineCounter.addNewLine);
  lineCounter.addNewLine(0);
  let count = 0;
  for (const token of tokensIn(parser, new yaml.Lexer(), text, fail)) {
    const { offset } = token;
    if (token.type === 'document') count += 1;
    if (count > MOST_DOCUMENTS) fail(offset, `More than ${MOST_DOCUMENTS} documents`);
    if (token.type === 'doc-end' && count === 0) fail(offset, 'End of a document without a document');
    if (token.type === 'error') {
      // The document before it is held back until the next one begins, and may have errors of its own.
      yield* withoutErrors(withoutStacks(() => [...composer.end()]));
      fail(offset, `${token.message}${token.source ? `: ${JSON.stringify(token.source)}` : ''}`);
    }
    yield* withoutErrors(withoutStacks(() => [...composer.next(token)]));
    // Of directives, which belong to no document yet.
    const [error] = composer.streamInfo().errors;
    if (error) throw error;
  }
  yield* withoutErrors(withoutStacks(() => [...composer.end()]));
}

function* tokensIn(
  parser: Parser,
  lexer: Lexer,
  text: string,
  fail: (at: number, message: string) => never,
): Generator<CST.Token> {
  let count = 0;
  for (const source of lexer.lex(text)) {
    count += 1;
    if (count > MOST_TOKENS) fail(parser.offset, `More than ${MOST_TOKENS} keys, values and marks`);
    yield* parser.next(source);
  }
  yield* parser.end();
}

/** A stack trace takes far longer than the error, and a megabyte of commas has a million errors. */
function withoutStacks<Made>(make: () => Made): Made {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = before;
  }
}

function* withoutErrors(
  documents: Iterable<Document | Document.Parsed<ParsedNode>>,
): Generator<Document.Parsed<ParsedNode>> {
  for (const document of documents) {
    let first: (typeof document.errors)[number] | undefined;
    for (const error of document.errors) if (!first || error.pos[0] < first.pos[0]) first = error;
    if (first) throw first;
    yield document as Document.Parsed<ParsedNode>;
  }
}
