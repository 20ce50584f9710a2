export { createRedactor, REDACTED, type Redactor, secretLines } from '@tidegate/core';
