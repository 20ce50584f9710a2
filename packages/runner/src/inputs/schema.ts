/** One input of an action. `default` is the text of action.yml; absent means "not set". */
interface InputBase {
  /** Markdown, one or two sentences; becomes action.yml's description and the README's table. */
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
  /** Masked before anything else happens. */
  readonly secret?: boolean;
  /**
   * A file or folder, or several; relative to the workspace, on a command line to the current folder. Of `pairs`, the
   * value is the path. `or-name`: a path if it exists, else the name of an image. `in-context`: of the repository of
   * `context`, if that is an address. `of-programs`: absolute, because programs in the workspace are not run.
   * `several-after-name`: ID=PATH,PATH. `in-fields`: the fields `src` and `dest`.
   */
  readonly path?: true | 'or-name' | 'in-context' | 'of-programs' | 'several-after-name' | 'in-fields';
  /** Values that are not paths. */
  readonly words?: readonly string[];
}

/**
 * The types of inputs and of their values: `string` string ('' if not set), one line unless `multiline` is set;
 * `boolean` boolean (YAML 1.2 core words); `duration` milliseconds or undefined (`5d`, `36h`, `90m`, `30s`); `list` one
 * item per line, blanks dropped (commas too with `commas`); `pairs` KEY=VALUE per line, in order, quoted if a value has
 * line breaks; `records` comma-separated fields per line (not shown in errors); `choice` one of `choices`; '' if not
 * set, with `optional`.
 */
export type InputSpec = InputBase &
  (
    | { readonly type: 'boolean' | 'duration' | 'pairs' }
    | { readonly type: 'string'; readonly multiline?: true }
    | { readonly type: 'list'; readonly commas?: boolean }
    | { readonly type: 'records'; readonly fields: readonly string[] }
    | { readonly type: 'choice'; readonly choices: readonly string[]; readonly optional?: true }
  );

interface OutputSpec {
  readonly description: string;
  /** The text is JSON, or empty. `--json` of the command line prints its value. */
  readonly json?: true;
}

/** An action, declared once: action.yml, the README's tables, the parser and the types are generated from it. */
export interface ActionSpec {
  readonly name: string;
  /** Title on the marketplace. */
  readonly title: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  /** The action has work to do after the job's other steps (`post:`, the same bundle). */
  readonly post?: boolean;
  readonly branding: { readonly icon: string; readonly color: string };
}

type InputValue<S extends InputSpec> = S extends { type: 'boolean' }
  ? boolean
  : S extends { type: 'duration' }
    ? number | undefined
    : S extends { type: 'list' }
      ? readonly string[]
      : S extends { type: 'pairs' }
        ? readonly (readonly [key: string, value: string])[]
        : S extends { type: 'records' }
          ? readonly (readonly string[])[]
          : S extends { type: 'choice'; choices: readonly (infer C)[] }
            ? S extends { optional: true }
              ? C | ''
              : C
            : string;

export type Inputs<A extends ActionSpec> = { readonly [K in keyof A['inputs']]: InputValue<A['inputs'][K]> };
export type Outputs<A extends ActionSpec> = { readonly [K in keyof A['outputs']]: string };

export function defineAction<const A extends ActionSpec>(action: A): A {
  return action;
}
