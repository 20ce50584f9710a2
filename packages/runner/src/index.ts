export * from './job.ts';
export * from './schema.ts';
