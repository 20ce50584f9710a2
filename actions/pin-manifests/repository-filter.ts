import { formatRepository, glob, parseReference } from '@tidegate/core';

/** Whether an image is in one of the repositories of the input `images`. One that is no reference is: it is an error. */
export function repositoryFilter(patterns: readonly string[]): (image: string) => boolean {
  const fits = patterns.map((pattern) => glob(pattern));
  return (image) => {
    if (fits.length === 0) return true;
    let repository: string;
    try {
      repository = formatRepository(parseReference(image));
    } catch {
      return true;
    }
    return fits.some((fit) => fit(repository));
  };
}
