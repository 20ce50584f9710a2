import { randomUUID } from 'node:crypto';
import { hasKind, messageOf, TidegateError } from '@tidegate/core';
import { which } from '@tidegate/tools';
import type { Services } from '../services.ts';

/** Maximum of a container's output that is read, in bytes. */
const MAX_OUTPUT = 1024 * 1024;
/** In milliseconds: commands of docker that run nothing of the image, and a pull from this machine. */
const SHORT = 60_000;
const PULL = 600_000;
/** Every exit code of a program. */
const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
/** Lines of a container's log that help to find an error. */
const LAST_LINES = 20;
/** Docker keeps no more than this of a container that prints without end. */
const SHORT_LOG = ['--log-driver=local', '--log-opt=max-size=1m', '--log-opt=max-file=2'];
/** Limits of each container. An image that needs more does not pass its tests in a small cluster either. */
const LIMITS = ['--memory=4g', '--pids-limit=4096'];

export interface ContainerRun {
  /** Replaces the entrypoint. Absent: that of the image. */
  readonly entrypoint?: string | undefined;
  readonly args: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly user?: string | undefined;
  /** In milliseconds. */
  readonly timeout: number;
}

/** How a container ended. `problem`: it did not end by itself, or did not start. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly problem?: string | undefined;
}

/** A container that runs while it is used. */
export interface RunningContainer {
  /** On 127.0.0.1, where its port is published. */
  readonly port: number;
  /** How the container ended; undefined while it runs. */
  ended(): Promise<string | undefined>;
  /** Last lines of both streams. Raw: the log redacts and escapes. */
  lastLines(): Promise<readonly string[]>;
}

interface Kept {
  /** Commit the container's file system as an image. */
  readonly commit: boolean;
}

/** A docker engine, by docker's command line: what it does for `docker run`, it does here. */
export class ContainerEngine {
  readonly #docker: string;
  readonly #services: Services;
  readonly #images = new Set<string>();

  private constructor(docker: string, services: Services) {
    this.#docker = docker;
    this.#services = services;
  }

  /** @throws TidegateError `tool` if there is no docker, or its engine does not answer */
  static async find(services: Services): Promise<ContainerEngine> {
    const { env } = await services.children.create();
    const docker = await which('docker', env);
    const next = 'Run the step on a machine with docker, such as ubuntu-latest, or test only files and metadata.';
    if (docker === undefined) {
      throw new TidegateError('container-engine-missing', 'Command tests need docker, which is not in PATH.', { next });
    }
    const engine = new ContainerEngine(docker, services);
    try {
      await engine.#run(['version', '--format={{.Server.Version}}']);
    } catch (cause) {
      if (!hasKind(cause, 'tool')) throw cause;
      throw new TidegateError('container-engine-missing', `The docker engine does not answer: ${messageOf(cause)}`, {
        next,
        cause,
      });
    }
    return engine;
  }

  /** Pull exactly this digest; docker verifies it. */
  async pull(reference: string, platform: string): Promise<void> {
    this.#images.add(reference);
    await this.#run(['pull', '--quiet', `--platform=${platform}`, reference], PULL);
  }

  async run(image: string, platform: string, options: ContainerRun): Promise<ContainerEnd> {
    return (await this.#container(image, platform, options, { commit: false })).end;
  }

  /** Run a command and keep what it changed. @returns the image with the changes */
  async change(
    image: string,
    platform: string,
    options: ContainerRun,
  ): Promise<{ readonly end: ContainerEnd; readonly image: string }> {
    const { end, committed } = await this.#container(image, platform, options, { commit: true });
    return { end, image: committed ?? image };
  }

  /**
   * Start the image with its own entrypoint and command while `use` runs. Its port is published on 127.0.0.1 only.
   * Its network has no masquerading: answers go to this machine, and nowhere else.
   */
  async serving<T>(
    image: string,
    platform: string,
    port: number,
    use: (container: RunningContainer) => Promise<T>,
  ): Promise<T> {
    const name = `tidegate-test-${randomUUID()}`;
    try {
      await this.#run(['network', 'create', '--opt=com.docker.network.bridge.enable_ip_masquerade=false', name]);
      await this.#run([
        ...['create', `--name=${name}`, `--platform=${platform}`, `--network=${name}`, ...SHORT_LOG, ...LIMITS],
        ...[`--publish=127.0.0.1::${port}/tcp`, '--', image],
      ]);
      const { exitCode, stderr } = await this.#run(['start', name], SHORT, ANY_CODE);
      const at = exitCode === 0 ? await this.#published(name, port) : 0;
      return await use({
        port: at,
        ended: async () => (exitCode === 0 ? this.#end(name) : `it did not start: ${stderr.trim()}`),
        lastLines: () => this.#lastLines(name),
      });
    } finally {
      await this.#quietly(['rm', '--force', '--volumes', name]);
      await this.#quietly(['network', 'rm', name]);
    }
  }

  /** 0 if the container has already ended: its ports are free again. */
  async #published(name: string, port: number): Promise<number> {
    const { stdout } = await this.#run(['inspect', '--format={{json .NetworkSettings.Ports}}', name]);
    const ports = (JSON.parse(stdout) ?? {}) as Readonly<
      Record<string, readonly { readonly HostPort: string }[] | null>
    >;
    return Number(ports[`${port}/tcp`]?.[0]?.HostPort ?? 0);
  }

  async #end(name: string): Promise<string | undefined> {
    const { Running, ExitCode, OOMKilled } = await this.#state(name);
    if (Running === true) return undefined;
    if (OOMKilled === true) return 'it used more memory than it may, and was killed';
    return `it ended with exit code ${ExitCode}`;
  }

  async #lastLines(name: string): Promise<readonly string[]> {
    try {
      const { stdout, stderr } = await this.#run(['logs', `--tail=${LAST_LINES}`, name], SHORT, ANY_CODE);
      return [stdout, stderr].flatMap((text) =>
        text === ''
          ? []
          : text
              .trimEnd()
              .split(/\r\n?|\n/)
              .slice(-LAST_LINES),
      );
    } catch (error) {
      // Lines without an end, for instance. The test has failed already, and its result counts.
      if (!hasKind(error, 'tool')) throw error;
      return [`(${messageOf(error)})`];
    }
  }

  async #state(name: string): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await this.#run(['inspect', '--format={{json .State}}', name]);
    return JSON.parse(stdout);
  }

  /** Remove the images that were pulled or made. */
  async dispose(): Promise<void> {
    for (const image of [...this.#images].reverse()) await this.#quietly(['rmi', '--force', image]);
    this.#images.clear();
  }

  async #container(image: string, platform: string, options: ContainerRun, { commit }: Kept) {
    const name = `tidegate-test-${randomUUID()}`;
    const { entrypoint, args, env, user, timeout } = options;
    try {
      await this.#run([
        ...['create', `--name=${name}`, `--platform=${platform}`, '--network=none', '--log-driver=none', ...LIMITS],
        ...env.map(([key, value]) => `--env=${key}=${value}`),
        ...(user === undefined ? [] : [`--user=${user}`]),
        ...(entrypoint === undefined ? [] : [`--entrypoint=${entrypoint}`]),
        ...['--', image, ...args],
      ]);
      const end = await this.#ended(name, timeout);
      if (!commit || end.problem !== undefined) return { end };
      const { stdout } = await this.#run(['commit', name], PULL);
      const committed = stdout.trim();
      this.#images.add(committed);
      return { end, committed };
    } finally {
      // Killing docker's client does not end the container.
      await this.#quietly(['rm', '--force', '--volumes', name]);
    }
  }

  async #ended(name: string, timeout: number): Promise<ContainerEnd> {
    const nothing = { exitCode: -1, stdout: '', stderr: '' };
    let printed: { readonly stdout: string; readonly stderr: string };
    try {
      printed = await this.#run(['start', '--attach', name], timeout, ANY_CODE);
    } catch (error) {
      if (!hasKind(error, 'tool')) throw error;
      return { ...nothing, problem: messageOf(error).replace(/^docker /, 'The container ') };
    }
    const { ExitCode, OOMKilled, Error: failed, Status } = await this.#state(name);
    const { stdout, stderr } = printed;
    if (typeof failed === 'string' && failed !== '') {
      return { ...nothing, problem: `The container did not start: ${failed}` };
    }
    // A connection to the engine that breaks ends the command of docker. A container that runs has the exit code 0.
    if (Status !== 'exited') return { ...nothing, problem: `The container did not end: its status is ${Status}.` };
    const end = { exitCode: Number(ExitCode), stdout, stderr };
    return OOMKilled === true
      ? { ...end, problem: 'The container used more memory than it may, and was killed.' }
      : end;
  }

  async #quietly(argv: readonly string[]): Promise<void> {
    // Also after a cancellation: nothing may stay behind.
    await this.#run(argv, SHORT, ANY_CODE, null).catch((error: unknown) => this.#services.log.debug(messageOf(error)));
  }

  async #run(
    argv: readonly string[],
    timeout = SHORT,
    answers: readonly number[] = [0],
    signal: AbortSignal | null = this.#services.signal,
  ) {
    // Where the engine is. No login: the registry is on this machine, and needs none.
    const also = ['DOCKER_HOST', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH'];
    const context = await this.#services.children.create({ also });
    const { run } = this.#services;
    // Tests judge both streams: a text that is not expected must not escape behind many lines.
    const output = { maxOutput: MAX_OUTPUT, wholeStderr: true } as const;
    return run(this.#docker, argv, { context, timeout, answers, ...output, signal: signal ?? undefined });
  }
}
