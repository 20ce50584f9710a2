export { SHORTEST_MASKED } from './forms.ts';
export { createRedactor, type Redactor, secretLines } from './redactor.ts';
