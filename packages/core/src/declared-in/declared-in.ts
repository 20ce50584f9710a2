/** A committed file of the build context, as it was committed. */
export interface DeclaringFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** The file in which a developer changes the version of a package: a lock file or manifest of the build context. */
export interface DeclaredIn {
  /** Relative to the repository, with slashes: `web/package-lock.json`. Untrusted text. */
  readonly file: string;
  /** From 1; absent if the file does not name the package. */
  readonly line?: number | undefined;
  /** Whether the project requires it itself; absent if the file does not say. */
  readonly direct?: boolean | undefined;
  /** The direct dependency that requires it, if the file says so. Untrusted text. */
  readonly via?: string | undefined;
}
