import type { Registry, Rights } from "../rpc/mod.ts";

/** A token may name any rights, so the registries that are kept are bounded; making one anew costs about a millisecond. */
const MAX_REGISTRIES = 256;

/** The registries for the rights of principals: principals with the same rights share one. */
export class RegistryCache {
  readonly #make: (rights: Rights) => Registry;
  readonly #byPrincipal = new WeakMap<Rights, Registry>();
  readonly #byText = new Map<string, Registry>();

  constructor(make: (rights: Rights) => Registry) {
    this.#make = make;
  }

  of(rights: Rights): Registry {
    const known = this.#byPrincipal.get(rights);
    if (known !== undefined) return known;
    const text = JSON.stringify([rights.allow?.toSorted(), rights.deny?.toSorted()]);
    const registry = this.#byText.get(text) ?? this.#make(rights);
    // The oldest gives way; the set is put at the end each time that it is asked for.
    this.#byText.delete(text);
    this.#byText.set(text, registry);
    const [oldest] = this.#byText.keys();
    if (this.#byText.size > MAX_REGISTRIES && oldest !== undefined) this.#byText.delete(oldest);
    this.#byPrincipal.set(rights, registry);
    return registry;
  }
}
