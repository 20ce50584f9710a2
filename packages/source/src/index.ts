export * from './dockerfile/parse.ts';
export * from './dockerfile/stages.ts';
