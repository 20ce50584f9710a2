export { startSuite as default } from './support/suite.ts';
