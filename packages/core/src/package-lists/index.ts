export { languagePackages } from './language-packages.ts';
export type { LayerVisitor } from './layer-visitor.ts';
export { PackageListRecorder } from './recorder.ts';
export { hiddenPackages } from './survey.ts';
export { isAddable, purlTypeOf, uncatalogedPackages } from './uncataloged.ts';
