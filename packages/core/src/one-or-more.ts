/** At least one. The first has a role of its own. */
export type OneOrMore<T> = readonly [first: T, ...others: T[]];

export function mapEach<A, B>([first, ...others]: OneOrMore<A>, map: (item: A) => B): OneOrMore<B> {
  return [map(first), ...others.map(map)];
}
