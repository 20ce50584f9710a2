export { stopSuite as default } from './support/suite.ts';
