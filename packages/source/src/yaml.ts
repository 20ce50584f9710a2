/**
 * How files of a repository are parsed. A key that is there twice is read twice: programs differ in which they take, and
 * the parser's own check compares each key with each other, which takes minutes for some 40,000 of them.
 */
export const YAML_OPTIONS = { logLevel: 'silent', uniqueKeys: false } as const;
