import ts from 'typescript';

interface Import {
  readonly from: string;
  readonly line: number;
  /** `type`: erased; `lazy`: an import() that is run on demand; `static`: loaded at start. */
  readonly kind: 'type' | 'lazy' | 'static';
  /** Imported names: `exec` of `import { exec as run }`. */
  readonly names: readonly string[];
  /** `import './x.ts'`: for the effects of the module, not for its exports. */
  readonly forEffects: boolean;
}

interface Use {
  /** `process.env`, `console.log`. */
  readonly what: string;
  readonly line: number;
}

export interface SourceFacts {
  readonly imports: readonly Import[];
  readonly uses: readonly Use[];
}

/** The imports of a TypeScript file, and the members of `process` and `console` that it uses. */
export function readSource(path: string, text: string): SourceFacts {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const imports: Import[] = [];
  const uses: Use[] = [];
  const lineOf = (node: ts.Node) => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        imports.push({ from: node.moduleSpecifier.text, line: lineOf(node), ...clauseOf(node) });
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      const from = argument && ts.isStringLiteral(argument) ? argument.text : '?';
      imports.push({ from, line: lineOf(node), kind: 'lazy', names: [], forEffects: false });
    } else if (ts.isPropertyAccessExpression(node) && isGlobal(node.expression)) {
      uses.push({ what: `${node.expression.text}.${node.name.text}`, line: lineOf(node) });
    } else if (ts.isElementAccessExpression(node) && isGlobal(node.expression)) {
      const member = ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : '?';
      uses.push({ what: `${node.expression.text}.${member}`, line: lineOf(node) });
    } else if (ts.isVariableDeclaration(node) && node.initializer && isGlobal(node.initializer)) {
      const object = node.initializer.text;
      const members = ts.isObjectBindingPattern(node.name) ? node.name.elements : undefined;
      const names = members?.map(({ propertyName, name }) => (propertyName ?? name).getText()) ?? ['?'];
      for (const name of names) uses.push({ what: `${object}.${name}`, line: lineOf(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { imports, uses };
}

function isGlobal(node: ts.Expression): node is ts.Identifier {
  return ts.isIdentifier(node) && (node.text === 'process' || node.text === 'console');
}

function clauseOf(node: ts.ImportDeclaration | ts.ExportDeclaration): Pick<Import, 'kind' | 'names' | 'forEffects'> {
  if (ts.isExportDeclaration(node)) return { kind: node.isTypeOnly ? 'type' : 'static', names: [], forEffects: false };
  const clause = node.importClause;
  const bindings = clause?.namedBindings;
  const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
  // With verbatimModuleSyntax, `import { type A }` without other names still loads the module.
  return {
    kind: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'static',
    names: elements
      .filter((element) => !element.isTypeOnly)
      .map((element) => (element.propertyName ?? element.name).text),
    forEffects: clause === undefined,
  };
}
