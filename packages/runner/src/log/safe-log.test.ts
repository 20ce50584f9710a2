import { describe, expect, test } from '@jest/globals';
import { parseCommand, parseCommandLoosely, printedLines } from '@tidegate/testkit';
import { createSafeLog, type RunnerCommands } from './safe-log.ts';

/** @actions/core's calls, printing to a string as the real ones print to stdout. */
function recorder(): RunnerCommands & { text: string } {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const printed = {
    text: '',
    info: (message: string) => {
      printed.text += `${message}\n`;
    },
    debug: (message: string) => printed.info(`::debug::${data(message)}`),
    notice: (message: string, at: { title?: string } = {}) =>
      printed.info(`::notice${at.title ? ` title=${property(at.title)}` : ''}::${data(message)}`),
    warning: (message: string, at?: At) => annotation('warning', message, at),
    error: (message: string, at?: At) => annotation('error', message, at),
    startGroup: (title: string) => printed.info(`::group::${data(title)}`),
    endGroup: () => printed.info('::endgroup::'),
    setSecret: (secret: string) => printed.info(`::add-mask::${data(secret)}`),
  };
  type At = { file?: string; startLine?: number | undefined; title?: string | undefined };
  const annotation = (level: string, message: string, at: At = {}) => {
    const said = Object.entries({ title: at.title, file: at.file, line: at.startLine }).filter(([, value]) => value);
    const properties = said.map(([name, value]) => `${name}=${property(String(value))}`).join(',');
    printed.info(`::${level}${properties ? ` ${properties}` : ''}::${data(message)}`);
  };
  return printed;
}

const COMMANDS = ['::add-mask::x', '::set-env name=PATH::/evil', '::stop-commands::x', '::error file=a,line=1::b'];
const OLD_COMMANDS = ['##[set-env name=PATH;]/evil', '##[group]x', '##[add-mask]x', '##[error]x'];
/** Ways to get a command past a filter: each takes the command and returns the output of a tool. */
const DISGUISES: readonly (readonly [string, (command: string) => string])[] = [
  ['bare', (c) => c],
  ['in upper case', (c) => c.toUpperCase()],
  ['after blanks and tabs', (c) => ` \t ${c}`],
  ['after a no-break space', (c) => `\u00a0${c}`],
  ['after an ideographic space', (c) => `\u3000${c}`],
  ['after NEL, which .NET trims', (c) => `\u0085${c}`],
  ['after a line separator', (c) => `text\u2028${c}`],
  ['after a paragraph separator', (c) => `text\u2029${c}`],
  ['after a byte order mark', (c) => `\ufeff${c}`],
  ['after a zero-width space', (c) => `\u200b${c}`],
  ['after a vertical tab', (c) => `text\v${c}`],
  ['after a form feed', (c) => `text\f${c}`],
  ['after LF', (c) => `text\n${c}`],
  ['after CR alone', (c) => `text\r${c}`],
  ['after CRLF', (c) => `text\r\n${c}`],
  ['after NUL', (c) => `\0${c}`],
  ['after a backspace', (c) => `a\b${c}`],
  ['after a colour', (c) => `\u001b[31m${c}\u001b[0m`],
  ['with a colour inside its mark', (c) => `${c[0]}\u001b[0m${c.slice(1)}`],
  ['with an escape inside an escape', (c) => `${c[0]}\u001b\u001b[0m[0m${c.slice(1)}`],
  ['with a soft hyphen inside its mark', (c) => `${c[0]}\u00ad${c.slice(1)}`],
  ['with a zero-width joiner inside its mark', (c) => `${c[0]}\u200d${c.slice(1)}`],
  ['with a bidi override inside its mark', (c) => `${c[0]}\u202e${c.slice(1)}`],
  ['with a terminal title before it', (c) => `\u001b]0;x\u0007${c}`],
  ['behind text', (c) => `CVE-2026-1 in ${c}`],
  ['doubled', (c) => `${c[0]}${c}`],
  ['after another mark', (c) => `::${c}`],
  ['in a lone surrogate', (c) => `\ud800${c}`],
];
const PAYLOADS = DISGUISES.flatMap(([way, disguise]) =>
  [...COMMANDS, ...OLD_COMMANDS].map((command) => [`${command} ${way}`, disguise(command)] as const),
);

describe('the runner finds no command in text from outside', () => {
  test('though it would in the same text printed as it is', () => {
    const found = PAYLOADS.filter(([, text]) => printedLines(text).some((line) => parseCommandLoosely(line)));
    expect(found.length).toBeGreaterThan(150);
  });

  test.each(PAYLOADS)('%s', async (_, text) => {
    const printed = recorder();
    const log = createSafeLog(printed);
    log.info(text);
    await log.group('g', async (inner) => inner.info(text));
    const commands = printedLines(printed.text).map(parseCommandLoosely).filter(Boolean);
    expect(commands.map((command) => command?.name)).toEqual(['group', 'endgroup']);
  });

  test.each(PAYLOADS)('as an annotation, a title or a place: %s', async (_, text) => {
    const printed = recorder();
    const log = createSafeLog(printed);
    log.debug(text);
    log.notice(text);
    log.warning(text, { file: text, line: 1, title: text });
    await log.group(text, async () => undefined);
    const commands = printedLines(printed.text).map(parseCommand);
    expect(commands.map((command) => command?.name)).toEqual(['debug', 'notice', 'warning', 'group', 'endgroup']);
    for (const command of commands) expect(command?.text).not.toMatch(/[\r\n]/);
    expect(commands[2]?.properties.line).toBe('1');
  });
});

test('a notice may have a title, which is as harmless as its text', () => {
  const printed = recorder();
  createSafeLog(printed).notice('ghcr.io/acme/app', { title: 'Published\n::error::x' });
  const commands = printedLines(printed.text).map(parseCommand);
  expect(commands).toMatchObject([
    { name: 'notice', text: 'ghcr.io/acme/app', properties: { title: 'Published ::error::x' } },
  ]);
});

describe('a secret', () => {
  const secret = 'hunter2/+=p@ss wörd';
  const forms = {
    itself: secret,
    'in a URL': encodeURIComponent(secret),
    'in base64': Buffer.from(secret).toString('base64'),
    'in a basic authorization header': Buffer.from(`user:${secret}`).toString('base64'),
    'in hex': Buffer.from(secret).toString('hex'),
    'in JSON': JSON.stringify(`"${secret}"`),
    'with a colour inside': `${secret.slice(0, 4)}\u001b[1m${secret.slice(4)}`,
  };
  test.each(Object.entries(forms))('is not printed %s', async (_, form) => {
    const printed = recorder();
    const log = createSafeLog(printed);
    log.mask(secret);
    const announced = printed.text;
    log.info(`a ${form} b`);
    log.warning(form);
    await log.group(form, async (inner) => inner.info(form));
    const said = printed.text.slice(announced.length);
    expect(said).toContain('***');
    expect(said).not.toContain(secret.slice(3, 14));
    expect(said).not.toContain(Buffer.from(secret).toString('base64').slice(4, -4));
  });

  test('of several lines is taken out line by line', () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    log.mask('-----BEGIN KEY-----\nMIGHAgEAMBMG\n-----END KEY-----\n');
    log.info('stderr: MIGHAgEAMBMG');
    expect(printed.text.trimEnd().split('\n').at(-1)).toBe('stderr: ***');
  });

  test('that is a JSON file leaves braces in the log: lines shorter than a secret are not masked', () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    log.mask('{\n  "k": "v"\n}\n');
    const masks = printedLines(printed.text).map((line) => parseCommand(line)?.text);
    expect(masks).toEqual(['"k": "v"']);
    log.info('{ }');
    expect(printed.text.trimEnd().split('\n').at(-1)).toBe('{ }');
  });

  test.each(['{}', '{}\n', '[]', '1', 'true', '{\n}\n', 'abcde'])(
    '%j masks nothing, and that is said once',
    (secret) => {
      const printed = recorder();
      const log = createSafeLog(printed);
      log.mask(secret);
      log.mask(secret);
      const [said, ...more] = printedLines(printed.text).map(parseCommand).filter(Boolean);
      expect(said).toMatchObject({
        name: 'notice',
        text: expect.stringContaining('fewer than 6 characters is not masked'),
      });
      expect(more).toEqual([]);
      log.info(`run(${secret.trim().split('\n')[0]})`);
      expect(log.redactor.redact(`{} [] 1 true abcde`)).toBe('{} [] 1 true abcde');
      expect(printed.text).not.toContain('***');
      expect(printed.text).not.toContain('add-mask');
    },
  );

  test('of six characters is masked', () => {
    const printed = recorder();
    createSafeLog(printed).mask('abcdef');
    expect(printedLines(printed.text).map((line) => parseCommand(line)?.text)).toEqual(['abcdef']);
  });

  test('that becomes known while a group holds its lines back is taken out of them', async () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    await log.group('first', () =>
      log.group('second', async (second) => {
        second.info('token s3cr3t-token');
        log.mask('s3cr3t-token');
      }),
    );
    expect(printed.text).toContain('token ***');
  });

  test('is taken out of a text that is cut later, inside a group as well', async () => {
    const log = createSafeLog(recorder());
    log.mask('correct horse');
    expect(log.redact('a correct horse')).toBe('a ***');
    expect(await log.group('x', async (inner) => inner.redact('a correct horse'))).toBe('a ***');
  });

  test('that is blank masks nothing', () => {
    const printed = recorder();
    createSafeLog(printed).mask(' \n');
    expect(printed.text).toBe('');
  });
});

describe('groups side by side', () => {
  function gate() {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  }

  test('come out one after the other, the first one live', async () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    const [first, second] = [gate(), gate()];
    const a = log.group('a', async (inner) => {
      inner.info('a1');
      await first.opened;
      inner.info('a2');
    });
    const b = log.group('b', async (inner) => {
      inner.info('b1');
      await second.opened;
      inner.info('b2');
    });
    const c = log.group('c', async (inner) => inner.info('c1'));
    await c;
    expect(printed.text).toBe('::group::a\na1\n');
    first.open();
    await a;
    expect(printed.text).toBe('::group::a\na1\na2\n::endgroup::\n::group::c\nc1\n::endgroup::\n::group::b\nb1\n');
    second.open();
    await b;
    expect(printed.text).toMatch(/b1\nb2\n::endgroup::\n$/);
  });

  test('inside a group are headings, since GitHub folds one level', async () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    await log.group('outer', async (outer) => {
      await Promise.all([
        outer.group('x', async (x) => {
          x.info('x1');
          await Promise.resolve();
          x.info('x2');
        }),
        outer.group('y', async (y) => y.info('y1')),
      ]);
      outer.info('end');
    });
    expect(printed.text).toBe('::group::outer\nx\n  x1\n  x2\ny\n  y1\nend\n::endgroup::\n');
  });

  test('that fail are closed', async () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    await expect(log.group('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(printed.text).toBe('::group::a\n::endgroup::\n');
  });

  test('that still hold lines back show them when the process ends', () => {
    const printed = recorder();
    const log = createSafeLog(printed);
    for (const title of ['a', 'b']) {
      void log.group(title, (inner) => {
        inner.warning(`from ${title}`);
        return new Promise(() => {});
      });
    }
    log.flush();
    expect(printed.text).toContain('::warning::from b\n::endgroup::');
  });
});

test('an annotation of a line that makes the run fail is an error', () => {
  const printed = recorder();
  const at = { file: 'web/package-lock.json', line: 12, title: 'Fails the gate' };
  createSafeLog(printed).warning('Upgrade lodash', { ...at, level: 'error' });
  createSafeLog(printed).warning('Upgrade lodash', at);
  expect(printed.text).toBe(
    '::error title=Fails the gate,file=web/package-lock.json,line=12::Upgrade lodash\n::warning title=Fails the gate,file=web/package-lock.json,line=12::Upgrade lodash\n',
  );
});
