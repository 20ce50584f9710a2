export { createRedactor, REDACTED, type Redactor, SHORTEST_MASKED, secretLines } from '@tidegate/core';
