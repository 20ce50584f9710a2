import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../image/digest.ts';
import { failedRules, judge, resultsOf, spoilt, spoiltOnAmd64 } from '../sound.fixture.ts';

const OWN = 'https://mirror.example.com/grype';
const from = (source: string) => spoiltOnAmd64('scan', (scan) => ({ ...scan, database: { ...scan.database, source } }));

describe('database-source', () => {
  test('names the server and the checksum of the archive', () => {
    const verdict = judge(spoilt('scan', (scan) => scan));
    expect(resultsOf(verdict, 'database-source')).toEqual([
      {
        rule: 'database-source',
        outcome: 'pass',
        why: `Vulnerability database from https://grype.example/databases (${digestOf('archive')}).`,
      },
    ]);
  });

  test.each<[string, readonly (readonly string[])[], string, boolean]>([
    ['any server, where no policy names one', [], OWN, true],
    ['the server that the policy names', [[OWN, 'https://grype.example/databases']], OWN, true],
    [
      'a server that both policies name',
      [
        [OWN, 'https://grype.example/databases'],
        ['https://grype.example/databases', OWN],
      ],
      OWN,
      true,
    ],
    [
      'a server that one of two policies names',
      [[OWN, 'https://grype.example/databases'], ['https://grype.example/databases']],
      OWN,
      false,
    ],
    ['another server', [['https://grype.example/databases']], OWN, false],
    [
      'a server whose name begins the same',
      [['https://grype.example/databases']],
      'https://grype.example/databases.evil.example',
      false,
    ],
    ['an archive from a file', [['https://grype.example/databases']], 'db-archive', false],
    ['a kept one that stands in', [['https://grype.example/databases']], 'db-cache', false],
    ['none, where the policy allows none', [[]], OWN, false],
  ])('%s', (_, databaseMirrors, source, passes) => {
    expect(failedRules(judge(from(source), { databaseMirrors }))).toEqual(passes ? [] : ['database-source']);
  });

  test('a second scan with a database from elsewhere is not covered by the first', () => {
    const two = spoiltOnAmd64('scan', (scan) => [scan, { ...scan, database: { ...scan.database, source: OWN } }]);
    expect(failedRules(judge(two, { databaseMirrors: [['https://grype.example/databases']] }))).toEqual([
      'database-source',
    ]);
  });
});
