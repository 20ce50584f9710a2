export { readConfig } from './config-facts.ts';
export * from './image-contents.ts';
export { ContentsRecorder, type LayerEntry, STATE_PATHS } from './recorder.ts';
export {
  type AllowedTrace,
  type ContentsPolicy,
  configProblems,
  FAIL_BY_DEFAULT,
  failsOn,
  mayLeave,
  objections,
  traceProblems,
  traceText,
} from './rules.ts';
export { MOST_SEARCHED, type Secret, secretsIn, secretsInConfig } from './secrets.ts';
