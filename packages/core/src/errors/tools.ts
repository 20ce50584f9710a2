import type { ErrorEntries } from './entry.ts';

/** TG3: programs that Tidegate downloads and runs. */
export const TOOL_ERRORS = {
  'tool-path-unusable': {
    code: 'TG3001',
    kind: 'tool',
    title: 'A program cannot be used',
    cause:
      'The path of one of your own programs does not exist, is not a file, or is not executable for the user of the step.',
    fix: 'Correct the path or its permissions, or remove the setting to use the pinned program.',
  },
  'tools-folder-unusable': {
    code: 'TG3002',
    kind: 'bad-input',
    title: 'The folder of tools cannot be used',
    cause: 'The input `tools` does not name a folder.',
    fix: 'Set a folder that contains the programs under their names, or remove the input to use the pinned ones.',
  },
  'tool-mirror-invalid': {
    code: 'TG3003',
    kind: 'bad-input',
    title: 'The address of a mirror is not valid',
    cause: 'Mirrors are URLs that start with `https:`, `http:` or `file:`.',
    fix: 'Use for example `https://mirror.example.com/github` or `file:///srv/mirror`, without a query.',
  },
  'tool-not-published': {
    code: 'TG3004',
    kind: 'tool',
    title: 'A program is not published for this machine',
    cause: 'The pinned release has no file for this operating system and processor.',
    fix: 'Set the path of your own, or add it to the folder of the input `tools`.',
  },
  'tool-not-started': {
    code: 'TG3101',
    kind: 'tool',
    title: 'A program could not start',
    cause: 'The operating system refused to start it: it does not exist, is not executable, or is for another machine.',
    fix: 'Set the path of an executable program for this machine, or remove the setting to use the pinned one.',
  },
  'tool-failed': {
    code: 'TG3102',
    kind: 'tool',
    title: 'A program failed',
    cause: 'The program ended with an error. Its last lines are in the details, and its whole output is in the log.',
    fix: 'Read the last lines. If a signal ended the program, the machine may be out of memory.',
  },
  'system-command-failed': {
    code: 'TG3103',
    kind: 'tool',
    title: 'A command of the system failed',
    cause: 'A command such as `git` failed or is not installed.',
    fix: 'Run the command by hand as the user of this job.',
  },
  'tool-output-unusable': {
    code: 'TG3104',
    kind: 'tool',
    title: 'A program wrote no usable result',
    cause: 'The program exited 0, but its result is missing, incomplete, or not in the format that it documents.',
    fix: 'Run again. If it still fails, report it with the version of the program.',
  },
  'container-engine-missing': {
    code: 'TG3105',
    kind: 'tool',
    title: 'There is no docker engine to run the tests of the image',
    cause: 'Tests of commands run in containers. `docker` is not in PATH, or its engine does not answer.',
    fix: 'Run the step on a machine with docker, such as `ubuntu-latest`, or test only files and metadata.',
  },
  'tool-output-too-large': {
    code: 'TG3106',
    kind: 'tool',
    title: 'A result is larger than Tidegate reads',
    cause:
      'The report or SBOM of an image is larger than the limit, which bounds the memory of this job and of everybody who verifies the image: docs/limits.md. The image has an unusual number of files, packages or vulnerabilities.',
    fix: 'Make the image smaller: leave out development tools, package caches and copies of the same files, or divide it into several images.',
  },
  'tool-download-failed': {
    code: 'TG3201',
    kind: 'network',
    title: 'A program could not be downloaded',
    cause: 'The server of the release, or the mirror, is not reachable from this machine.',
    fix: 'Check the network and its proxy, or set a mirror or your own `tools`.',
  },
  'tool-download-missing': {
    code: 'TG3202',
    kind: 'not-found',
    title: 'A program does not exist on the server',
    cause: 'The server or mirror has no such file.',
    fix: 'Check that the mirror is complete.',
  },
  'tool-checksum-wrong': {
    code: 'TG3203',
    kind: 'integrity',
    title: 'A downloaded program is not the pinned one',
    cause:
      'The file does not match the checksum that Tidegate pins. The download was incomplete, or something on the way changed it.',
    fix: 'Run again. If it still fails, do not trust the mirror, proxy or release.',
  },
  'tool-archive-unusable': {
    code: 'TG3204',
    kind: 'integrity',
    title: 'A downloaded archive could not be unpacked',
    cause: 'The archive matches its checksum, so the disk is full or not writable, or the pin is wrong.',
    fix: 'Check the free space and the permissions of the temporary folder.',
  },
} as const satisfies ErrorEntries;
