export { createRedactor, type Redactor, SHORTEST_MASKED, secretLines } from './redactor.ts';
