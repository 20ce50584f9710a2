export { startSuite as default } from './suite.ts';
