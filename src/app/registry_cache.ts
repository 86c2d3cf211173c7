import type { Registry, Rights } from "../rpc/mod.ts";

/** A token may name any rights, so the registries that are kept are bounded; making one anew costs about a millisecond. */
const MAX_REGISTRIES = 256;

/** The registries for the rights of principals: principals with the same rights share one. */
export class RegistryCache {
  readonly #make: (rights: Rights) => Registry;
  /** The text of each, which takes longer to make than to look up. */
  readonly #texts = new WeakMap<Rights, string>();
  readonly #byText = new Map<string, Registry>();

  constructor(make: (rights: Rights) => Registry) {
    this.#make = make;
  }

  of(rights: Rights): Registry {
    const text = this.#textOf(rights);
    const registry = this.#byText.get(text) ?? this.#make(rights);
    // The oldest gives way; the set is put at the end each time that it is asked for.
    this.#byText.delete(text);
    this.#byText.set(text, registry);
    const [oldest] = this.#byText.keys();
    if (this.#byText.size > MAX_REGISTRIES && oldest !== undefined) this.#byText.delete(oldest);
    return registry;
  }

  #textOf(rights: Rights): string {
    const known = this.#texts.get(rights);
    if (known !== undefined) return known;
    const text = JSON.stringify([rights.allow?.toSorted(), rights.deny?.toSorted()]);
    this.#texts.set(rights, text);
    return text;
  }
}
