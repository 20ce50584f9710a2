import type { Instruction } from '../dockerfile/parse.ts';
import { neededBy } from '../dockerfile/stages.ts';
import { commandsIn, type DockerfileRule, type RunCommand } from './subject.ts';

/** Build programs, with the arguments that build. */
const BUILDS: Readonly<Record<string, RegExp>> = {
  go: /^(?:build|install)$/,
  cargo: /^(?:build|install)$/,
  mvn: /^(?:package|install|verify|clean|deploy)$/,
  mvnw: /^(?:package|install|verify|clean|deploy)$/,
  gradle: /^(?:build|assemble|bootJar|shadowJar|installDist)$/,
  gradlew: /^(?:build|assemble|bootJar|shadowJar|installDist)$/,
  dotnet: /^(?:build|publish|restore)$/,
  npm: /^(?:ci|install|i|run|run-script)$/,
  yarn: /^(?:install|build|run)$/,
  pnpm: /^(?:install|i|build|run)$/,
  pip: /^install$/,
  pip3: /^install$/,
  poetry: /^install$/,
  uv: /^(?:sync|pip)$/,
  pipenv: /^(?:install|sync)$/,
  bundle: /^install$/,
  composer: /^install$/,
  make: /^|./,
  cmake: /^|./,
  gcc: /./,
  'g++': /./,
  javac: /./,
  tsc: /^|./,
  mix: /^(?:compile|release)$/,
  swift: /^build$/,
  stack: /^build$/,
  zig: /^build/,
};

/** A single stage that builds. A stage that only copies or configures needs no other stage. */
export const singleStage = (subject: Parameters<DockerfileRule>[0]) => {
  if (neededBy(subject.final, subject.file).size > 1) return [];
  const building = subject.final.instructions
    .flatMap((instruction: Instruction) => commandsIn(instruction))
    .find(isBuild);
  if (!building) return [];
  const { startLine } = subject.final.instruction;
  const message = `The final stage also builds (${building.program} in line ${building.line}).`;
  return [{ rule: 'single-stage' as const, line: startLine, message }];
};

function isBuild({ command, program }: RunCommand): boolean {
  const pattern = Object.hasOwn(BUILDS, program) ? BUILDS[program] : undefined;
  return pattern?.test(command.words.slice(1).find(({ text }) => !text.startsWith('-'))?.text ?? '') ?? false;
}
