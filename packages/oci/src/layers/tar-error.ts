import { TidegateError } from '@tidegate/core';

export function broken(where: string, why: string): TidegateError {
  return new TidegateError('integrity', `${where}: ${why}: this is no archive that a runtime would unpack.`, {
    next: 'Build the image again; if it stays so, whatever wrote the layer is broken or hostile.',
  });
}
