/** One policy for every script of a bundle, its entry and its chunks alike. */
import { minify } from '@swc/core';

/**
 * ncc minifies entries only, and without removing what is never used. Names of functions and classes are kept: libraries
 * compare them, and a stack trace shows them.
 * @returns the same script without comments, blanks and unused code; its licences are in licenses.txt.
 */
export async function minifyScript(script: string): Promise<string> {
  const { code } = await minify(script, {
    module: true,
    compress: { ecma: 2022, passes: 2, keep_classnames: true, keep_fnames: true },
    mangle: { keep_classnames: true, keep_fnames: true },
    format: { comments: false, ecma: 2022 },
  });
  return code;
}
