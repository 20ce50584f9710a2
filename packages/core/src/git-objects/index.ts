export { type CommitObjects, committedFile } from './committed-file.ts';
export {
  type GitObjectType,
  isObjectId,
  modeOf,
  objectIdOf,
  parseTree,
  type TreeEntries,
  type TreeEntry,
  treeOfCommit,
} from './objects.ts';
