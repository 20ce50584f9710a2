/**
 * How YAML files of a repository are parsed. A duplicate key is read twice: programs differ in which one they use. The
 * parser's own check compares every pair of keys, which takes minutes for 40,000 keys.
 */
export const YAML_OPTIONS = { logLevel: 'silent', uniqueKeys: false } as const;
