export { PackageListRecorder } from './recorder.ts';
export { hiddenPackages, type LayerVisitor } from './survey.ts';
