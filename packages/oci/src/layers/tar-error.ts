import { TidegateError } from '@tidegate/core';

export function broken(where: string, why: string): TidegateError {
  return new TidegateError('layer-damaged', `${where} is not a valid archive: ${why}.`, {
    next: 'Build the image again. If it still fails, check the tool that wrote the layer: it is faulty or malicious.',
  });
}
