export { type CommitObjects, committedFile, submoduleCommit } from './committed-file.ts';
export {
  type GitObjectType,
  isAsCommitted,
  modeOf,
  objectIdOf,
  parseTree,
  type TreeEntries,
  type TreeEntry,
  treeOfCommit,
} from './objects.ts';
