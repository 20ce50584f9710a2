/**
 * `npm run demo` (`-- --verbose` shows the actions' log too): one commit of the example becomes an image with its evidence and its tags in a registry, anyone
 * verifies it, and a commit with a vulnerable dependency is refused while the tags stay where they were. Nothing is
 * taken on trust: what the registry holds is asked of the registry, and the demo fails where the promise does not hold.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@tidegate/core';
import { repositoryRoot, startRegistry } from '@tidegate/testkit';
import { type Bases, basesOf, findBases } from './bases/index.ts';
import { type Command, commandRunner, have } from './command.ts';
import { demoEngine } from './engine.ts';
import { type DemoJob, runJob } from './job.ts';
import { expectThat, sameTags } from './promises.ts';
import { RegistryView } from './registry-view.ts';
import { DemoRepository } from './repository.ts';
import { createScreen, type Screen } from './screen.ts';
import { demoSigning } from './signing.ts';
import { plainText } from './summary-text.ts';
import { demoCache, findTools, findVulnerabilities } from './supplies.ts';
import { verifyAsAnyone } from './verification.ts';
import { VULNERABLE } from './vulnerable.ts';

const REPOSITORY = 'acme/guestbook';
const STAGES = 9;
const PLATFORMS = { build: process.arch === 'arm64' ? 'arm64' : 'amd64', target: ['amd64', 'arm64'] };

async function demo(screen: Screen, signal: AbortSignal): Promise<void> {
  await using cleaning = new AsyncDisposableStack();
  const temp = await mkdtemp(join(tmpdir(), 'tidegate-demo-'));
  cleaning.defer(() => rm(temp, { recursive: true, force: true }));
  const command = commandRunner(signal);
  const example = join(repositoryRoot, 'examples/app');

  screen.stage('Tools');
  const tools = await screen.wait('BuildKit, buildx, Syft, Grype, cosign', (say) =>
    findTools(demoCache('tool-cache'), temp, say, signal),
  );
  screen.line(`They are ${tools.how}.`);
  const engine = await screen.wait('a BuildKit to build with', (say) =>
    demoEngine({ state: demoCache('buildkit'), released: tools.folder === '', say }, command),
  );
  cleaning.defer(engine.remove);
  screen.line(`Images are built by BuildKit: ${engine.how}.`);

  screen.stage('Vulnerability data');
  const data = cleaning.use(await screen.wait('a vulnerability database', (say) => findVulnerabilities(say, signal)));
  screen.line(`It is ${data.how}.`);

  screen.stage('Base images');
  const references = await basesOf(join(example, 'Dockerfile'));
  const bases = await screen.wait(references.map((text) => text.split('@')[0]).join(', '), (say) =>
    findBases(references, PLATFORMS, demoCache('bases'), command, say),
  );
  if (bases.kind === 'made') {
    screen.line('Their registries are not reached, so they are made here under the same names:');
    for (const note of bases.notes) screen.line(`  ${note}`);
  } else screen.line('They come from their registries, pinned to what their tags are today.');

  screen.stage('A registry, a repository, a signer');
  const registry = await startRegistry({ dir: join(temp, 'registry') });
  cleaning.defer(() => registry.close());
  const image = `${registry.host}/${REPOSITORY}`;
  screen.line(`registry    ${registry.host}, in this process, on loopback`);
  const signing = cleaning.use(await demoSigning(REPOSITORY, temp, command, tools.cosign));
  for (const line of signing.how) screen.line(line);
  const source = await repositoryOf(example, join(temp, 'repository'), bases, command);
  const good = await source.commit('A guest book that one needs a token to write in', 'v1.0.0');
  screen.line(`repository  ${REPOSITORY}, commit ${good.sha.slice(0, 12)}, tag ${good.tag}`);

  const job: DemoJob = {
    repository: REPOSITORY,
    folder: source.folder,
    temp,
    signal,
    verbose: process.argv.includes('--verbose'),
    env: { ...engine.env, ...signing.env, RUNNER_TOOL_CACHE: demoCache('tool-cache') },
    inputs: {
      image,
      platforms: PLATFORMS.target.map((architecture) => `linux/${architecture}`).join(', '),
      ...signing.inputs,
      tools: tools.folder,
      'db-mirror': data.mirror,
      'db-cache': demoCache(data.live ? 'grype' : 'grype-made-here'),
      'build-contexts': bases.kind === 'made' ? bases.contexts.join('\n') : '',
      ...engine.inputs,
    },
  };
  const view = new RegistryView(registry.url, REPOSITORY);

  screen.stage(`${good.tag}: from commit to registry`);
  signing.prepare(good);
  const shipped = await runJob(job, good, screen);
  expectThat(shipped.exitCode === 0, `${good.tag} is published`, shipped.log.slice(-60).join('\n'));
  screen.line('The job summary:');
  screen.quote(plainText(shipped.summary));

  screen.stage('What the registry holds');
  const tags = await view.tags();
  const digest = shipped.outputs.digest ?? '';
  for (const [tag, at] of tags) screen.line(`${`${image}:${tag}`.padEnd(image.length + 8)} ${at}`);
  expectThat(tags.get('1.0.0') === digest, 'the tag 1.0.0 is the digest that was scanned and signed');
  expectThat(
    [...tags.values()].every((at) => at === digest),
    'so is every other tag',
  );
  const { lines, referrers } = await view.tree(digest);
  screen.line();
  for (const line of lines) screen.line(line);
  expectThat(referrers > 0, 'the registry lists evidence as referrers');

  screen.stage('Anyone verifies it');
  const platforms: Readonly<Record<string, string>> = JSON.parse(shipped.outputs.platforms ?? '{}');
  await verifyAsAnyone(
    {
      cosign: tools.cosign,
      flags: signing.flags(good),
      files: signing.files,
      stranger: await signing.stranger(good),
      reference: `${image}@${digest}`,
      platform: `${image}@${platforms['linux/amd64']}`,
      temp,
    },
    command,
    screen,
  );

  screen.stage(`v1.0.1: ${VULNERABLE.advisory} comes in with a dependency`);
  for (const [path, changes] of Object.entries(VULNERABLE.changes)) await source.replace(path, changes);
  const bad = await source.commit(VULNERABLE.message, 'v1.0.1');
  screen.line(`commit ${bad.sha.slice(0, 12)}, tag ${bad.tag}: ${VULNERABLE.message}`);
  screen.quote(await source.diff('go.mod'));
  signing.prepare(bad);
  const refused = await runJob(job, bad, screen);
  expectThat(refused.exitCode === 1, `${bad.tag} is refused`, refused.log.slice(-60).join('\n'));
  screen.line('The job summary:');
  screen.quote(plainText(refused.summary));
  for (const { level, message } of refused.annotations) if (level === 'error') screen.line(`error: ${message}`);
  expectThat(refused.outputs.verdict === 'fail', 'the gate refused it, and not something else');
  expectThat(
    VULNERABLE.ids.some((id) => refused.summary.includes(id)),
    `the summary names ${VULNERABLE.advisory}`,
    refused.summary,
  );

  screen.stage('The registry is as it was');
  const after = await view.tags();
  for (const [tag, at] of after) screen.line(`${`${image}:${tag}`.padEnd(image.length + 8)} ${at}`);
  expectThat(sameTags(tags, after), 'no tag was set, moved or removed');
  const manifests: readonly string[] = Object.values(JSON.parse(refused.outputs.platforms || '{}'));
  expectThat(manifests.length === PLATFORMS.target.length, 'the refused image was built for every platform');
  for (const manifest of [refused.outputs.digest ?? '', ...manifests]) {
    expectThat(!(await view.has(manifest)), `${manifest.slice(0, 19)} of the refused image is not there`);
  }
  screen.line(`${after.size} tags as before, and no manifest of the refused image.`);
}

/** The example, as a team would have it in its own repository. */
async function repositoryOf(example: string, folder: string, bases: Bases, command: Command): Promise<DemoRepository> {
  // Base images made here come with no way to fetch modules that a closed network would not have either.
  const vendored = bases.kind === 'made' && (await have('go', command));
  const repository = await DemoRepository.create(example, folder, command, vendored);
  // Today's findings are for today's base images: pins are moved as a bot that keeps them fresh would move them.
  if (bases.kind === 'registry') await repository.replace('Dockerfile', [...bases.current]);
  return repository;
}

const abort = new AbortController();
const screen = createScreen(process.stdout, STAGES);
/** A terminal's Ctrl-C arrives twice, from the terminal and from whoever started this: only a later one is impatience. */
const SAME_STROKE = 1000;
let stoppedAt = 0;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (abort.signal.aborted) {
      if (performance.now() - stoppedAt > SAME_STROKE) process.exit(130);
      return;
    }
    stoppedAt = performance.now();
    screen.clear();
    console.log('\nStopping, and cleaning up …');
    abort.abort(new Error('The demo was stopped.'));
  });
}
try {
  await demo(screen, abort.signal);
  console.log(`\nDone in ${screen.elapsed()}: a release went through, and one was refused.`);
} catch (error) {
  screen.clear();
  console.error(`\n${abort.signal.aborted ? 'Stopped.' : `The demo failed: ${messageOf(error)}`}`);
  process.exitCode = abort.signal.aborted ? 130 : 1;
}
