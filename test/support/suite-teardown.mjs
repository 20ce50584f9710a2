export { stopSuite as default } from './suite.ts';
