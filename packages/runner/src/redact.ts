export { createRedactor, REDACTED, type Redactor } from '@tidegate/core';
