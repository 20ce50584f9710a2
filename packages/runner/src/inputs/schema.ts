/** One input of an action. `default` is the text as it stands in action.yml; absent means "not given". */
interface InputBase {
  /** Markdown, one or two sentences; becomes action.yml's description and the README's table. */
  readonly description: string;
  readonly required?: boolean;
  readonly default?: string;
  /** Masked before anything else happens. */
  readonly secret?: boolean;
}

/**
 * What an input may be, and what it becomes:
 * `string` string ('' when not given), one line unless `multiline` is set; `boolean` boolean (YAML 1.2 core words);
 * `duration` milliseconds or undefined (`5d`, `36h`, `90m`, `30s`);
 * `list` one item a line, blanks dropped (commas too where `commas` is set); `pairs` KEY=VALUE a line, kept in order,
 * quoted where a value has line ends; `records` comma-separated fields a line (not shown in errors);
 * `choice` one of `choices`; '' when not given, where `optional` is set.
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
}

/** An action, said once: action.yml, the README's tables, the parser and the types come from it. */
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
