/** The same minification for every script of a bundle, its entry and its chunks. */
import { minify } from '@swc/core';

/**
 * ncc minifies only entries, and does not remove unused code. Names of functions and classes are kept, because
 * libraries compare them and stack traces show them.
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
