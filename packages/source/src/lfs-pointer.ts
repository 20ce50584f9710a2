/** The first line of every pointer (git-lfs, docs/spec.md). A pointer has less than 1024 bytes. */
export const LFS_POINTER_START = 'version https://git-lfs.github.com/spec/v1\n';
export const LONGEST_LFS_POINTER = 1024;

/** All keys of the specification, in its order: extensions, object id, size. */
const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-\d-\S+ sha256:[0-9a-f]{64}\n)*oid sha256:[0-9a-f]{64}\nsize \d+\n$/;

/** Whether this text is exactly a Git LFS pointer: a script that only begins like one is still a script. */
export function isLfsPointer(text: string): boolean {
  return text.length < LONGEST_LFS_POINTER && POINTER.test(text);
}
