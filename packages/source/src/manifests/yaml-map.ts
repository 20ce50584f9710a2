import { listIn, type ManifestMap, type ManifestNode, mapIn, textIn, valueUnder } from '@tidegate/core';

/** More than the containers that are checked, so that none is left out silently. */
const MOST_ITEMS = 2000;

/** A text with its line. */
export interface At {
  readonly text: string;
  readonly line: number;
}

export interface Item {
  readonly text: string | undefined;
  readonly map: YamlMap | undefined;
  readonly line: number;
}

/** A mapping of a manifest, in which aliases and merge keys are followed. */
export class YamlMap {
  readonly #map: ManifestMap;

  private constructor(map: ManifestMap) {
    this.#map = map;
  }

  static of(node: ManifestNode | undefined): YamlMap | undefined {
    const map = mapIn(node);
    return map && new YamlMap(map);
  }

  /** The same for a mapping that is used twice by aliases. */
  get identity(): object {
    return this.#map;
  }

  get line(): number {
    return this.#map.line;
  }

  get names(): readonly string[] {
    return this.#map.entries.slice(0, MOST_ITEMS).flatMap(({ key }) => key ?? []);
  }

  has(name: string): boolean {
    return valueUnder(this.#map, name) !== undefined;
  }

  /** The line of the key; of the value if it comes from a merged mapping. */
  lineOf(name: string): number {
    const own = this.#map.entries.find(({ key }) => key === name);
    return own?.line ?? valueUnder(this.#map, name)?.line ?? this.line;
  }

  map(name: string): YamlMap | undefined {
    return YamlMap.of(valueUnder(this.#map, name));
  }

  /** A scalar as it is written: numbers and booleans too. */
  text(name: string): At | undefined {
    const text = textIn(valueUnder(this.#map, name));
    return text === undefined ? undefined : { text, line: this.lineOf(name) };
  }

  isTrue(name: string): boolean {
    return this.text(name)?.text === 'true';
  }

  /** The items of a sequence, or a single scalar as one item. */
  items(name: string): readonly Item[] {
    const list = listIn(valueUnder(this.#map, name));
    if (list) {
      return list.items.slice(0, MOST_ITEMS).map((item) => ({
        text: textIn(item),
        map: YamlMap.of(item),
        line: item.line,
      }));
    }
    const single = this.text(name);
    return single ? [{ ...single, map: undefined }] : [];
  }

  maps(name: string): readonly YamlMap[] {
    return this.items(name).flatMap(({ map }) => map ?? []);
  }
}
