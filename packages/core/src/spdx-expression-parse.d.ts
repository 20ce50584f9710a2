/** The package has no types of its own. Its README says what it gives. */
declare module 'spdx-expression-parse' {
  export interface License {
    readonly license: string;
    /** `GPL-2.0+`: this version or a later one. */
    readonly plus?: true;
    readonly exception?: string;
  }
  export interface Conjunction {
    readonly left: Expression;
    readonly conjunction: 'and' | 'or';
    readonly right: Expression;
  }
  export type Expression = License | Conjunction;
  /** @throws Error for what is no SPDX expression. */
  export default function parse(source: string): Expression;
}
