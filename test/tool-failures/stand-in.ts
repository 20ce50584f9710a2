/**
 * A program that is put in a tool's place: a real process that leaves what it is told to leave and really ends as it is
 * told to. No shell: what is killed is the very process that was started. Perl, which every Debian has and which starts in
 * a tenth of Node's time: there are hundreds of them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';

/** Objects in the place of a file. */
export type Left =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** A sparse file of that many bytes. */
  | { readonly kind: 'large'; readonly size: number }
  | { readonly kind: 'folder' | 'pipe' | 'device' };

export type End =
  | { readonly kind: 'exit'; readonly code: number }
  /** By name, or by number where Node has no name for it. */
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals | number }
  /** Goes on for ever: ends at SIGTERM, does not listen to it, or is stopped. */
  | { readonly kind: 'hang'; readonly how: 'idle' | 'deaf' | 'stopped' };

export interface Plan {
  readonly files: readonly { readonly path: string; readonly left: Left }[];
  readonly stdout: { readonly bytes: Buffer; readonly times: number };
  readonly stderr: { readonly text: string; readonly times: number };
  readonly end: End;
}

/** Names the file of the plan. */
/** Named like a locale, because every child is given those. */
export const PLAN = 'LC_STAND_IN_PLAN';

const PROGRAM = `#!/usr/bin/perl
use strict;
use warnings;
use POSIX ();
# Perl does not listen to this one, and is to die of it.
$SIG{FPE} = 'DEFAULT';
sub folders {
  my ($path) = @_;
  while ($path =~ m{/}g) { my $folder = substr($path, 0, pos($path)); mkdir $folder unless -d $folder; }
}
sub all {
  my ($out, $bytes) = @_;
  for (my $at = 0; $at < length $bytes;) { $at += syswrite($out, $bytes, length($bytes) - $at, $at) // die "$!"; }
}
open(my $plan, '<', $ENV{${PLAN}}) or die "$!";
chomp(my @lines = <$plan>);
for (@lines) {
  my ($what, @words) = split / /, $_, -1;
  if ($what eq 'say') {
    my $bytes = pack 'H*', $words[2];
    all($words[0] == 1 ? *STDOUT : *STDERR, $bytes) for 1 .. $words[1];
  } elsif ($what eq 'exit') {
    exit $words[0];
  } elsif ($what eq 'signal') {
    kill $words[0], $$;
  } elsif ($what eq 'hang') {
    $SIG{TERM} = 'IGNORE' if $words[0] eq 'deaf';
    kill 'STOP', $$ if $words[0] eq 'stopped';
  } else {
    my $path = pack 'H*', $words[0];
    folders($path);
    if ($what eq 'folder') { mkdir $path or die "$!"; next; }
    if ($what eq 'device') { symlink '/dev/zero', $path or die "$!"; next; }
    if ($what eq 'pipe') { POSIX::mkfifo($path, 0600) or die "$!"; next; }
    open(my $file, '>:raw', $path) or die "$!";
    all($file, $what eq 'large' ? '{' : pack 'H*', $words[1]);
    if ($what eq 'large') { truncate $file, $words[1] or die "$!"; }
  }
}
# Nobody may be left to end it.
sleep 60;
exit 99;
`;

/** Input of the program: a line for each operation, with bytes and paths in hexadecimal. */
export function planText({ files, stdout, stderr, end }: Plan): string {
  const say = (stream: 1 | 2, bytes: Buffer, times: number) => `say ${stream} ${times} ${bytes.toString('hex')}`;
  return [
    ...files.map(({ path, left }) => {
      const more = left.kind === 'bytes' ? left.bytes.toString('hex') : left.kind === 'large' ? left.size : '';
      return `${left.kind} ${Buffer.from(path).toString('hex')} ${more}`;
    }),
    say(1, stdout.bytes, stdout.times),
    say(2, Buffer.from(stderr.text), stderr.times),
    ended(end),
  ].join('\n');
}

function ended(end: End): string {
  if (end.kind === 'exit') return `exit ${end.code}`;
  if (end.kind === 'hang') return `hang ${end.how}`;
  return `signal ${typeof end.signal === 'number' ? end.signal : constants.signals[end.signal]}`;
}

/** @returns the folder that holds the program, once under each name */
export async function standIns(folder: string, names: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), PROGRAM, { mode: 0o755 });
  return folder;
}
