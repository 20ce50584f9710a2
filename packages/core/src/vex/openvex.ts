import {
  type Fields,
  fieldsOf,
  instantOf,
  listOf,
  productOf,
  textOf,
  usableStatements,
  vexError,
  wordOf,
} from './fields.ts';
import { VEX_STATUSES, type VexDocument, type VexProduct } from './statement.ts';

/** OpenVEX 0.2.0, "Status Justifications". */
const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

const CONTEXT = /^https:\/\/openvex\.dev\/ns\/v0\.2\.\d+$/;

/** An OpenVEX 0.2 document. Older ones name products only by text, which cannot be compared exactly. */
export function readOpenVex(document: Fields, where: string): VexDocument {
  if (!CONTEXT.test(textOf(document['@context'], where, '@context'))) {
    throw vexError(where, '@context is not https://openvex.dev/ns/v0.2.0');
  }
  const author = textOf(document.author, where, 'author');
  const said = instantOf(document.timestamp, where, 'timestamp');
  const statements = listOf(document.statements, where, 'statements');
  if (statements.length === 0) throw vexError(where, 'it contains no statement');
  return usableStatements(statements, where, 'statement', (value, at) => {
    const statement = fieldsOf(value, at, 'it');
    const vulnerability = fieldsOf(statement.vulnerability, at, 'vulnerability');
    const aliases = listOf(vulnerability.aliases, at, 'aliases').map((alias) => textOf(alias, at, 'an alias'));
    const status = wordOf(statement.status, VEX_STATUSES, at, 'status');
    // OpenVEX allows an impact_statement instead, but free text cannot be checked.
    const justification =
      status === 'not_affected' || statement.justification !== undefined
        ? wordOf(statement.justification, JUSTIFICATIONS, at, 'justification')
        : undefined;
    const products = listOf(statement.products, at, 'products');
    if (products.length === 0) throw vexError(at, 'it has no product');
    // last_updated is the time of any edit; the timestamp decides between two statements.
    const issued = statement.timestamp === undefined ? said : instantOf(statement.timestamp, at, 'timestamp');
    return {
      from: at,
      ids: [textOf(vulnerability.name, at, 'vulnerability.name'), ...aliases],
      products: products.flatMap((product) => productsOf(fieldsOf(product, at, 'a product'), at)),
      status,
      justification,
      author,
      at: issued,
    };
  });
}

/** An image with the packages in it that are meant, or a package by itself. */
function productsOf(product: Fields, where: string): readonly VexProduct[] {
  const whole = componentOf(product, where);
  const parts = listOf(product.subcomponents, where, 'subcomponents').map((part) =>
    componentOf(fieldsOf(part, where, 'a subcomponent'), where),
  );
  if (parts.length === 0) return [whole];
  // A package within a package cannot be matched with a finding here.
  if (whole.image === undefined) return [{ name: whole.name }];
  return parts.map(({ name, package: inner }) => ({
    ...whole,
    name: `${name} in ${whole.name}`,
    package: inner ?? whole.package,
  }));
}

function componentOf(component: Fields, where: string): VexProduct {
  const id = component['@id'] === undefined ? undefined : textOf(component['@id'], where, '@id');
  const identifiers = component.identifiers === undefined ? {} : fieldsOf(component.identifiers, where, 'identifiers');
  const hashes = component.hashes === undefined ? {} : fieldsOf(component.hashes, where, 'hashes');
  const purl = identifiers.purl === undefined ? undefined : textOf(identifiers.purl, where, 'identifiers.purl');
  const sha256 = hashes['sha-256'] === undefined ? undefined : textOf(hashes['sha-256'], where, 'hashes.sha-256');
  if (id === undefined && purl === undefined && sha256 === undefined) {
    throw vexError(where, 'a product has neither @id nor identifiers.purl nor hashes.sha-256');
  }
  return productOf(purl ?? (id?.startsWith('pkg:') ? id : undefined), sha256, purl ?? id ?? `sha256:${sha256}`);
}
