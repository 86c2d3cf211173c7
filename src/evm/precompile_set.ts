import type { Address } from "../primitives/types.ts";
import type { Instance } from "./instance.ts";
import type { Precompile } from "./precompiles/precompile.ts";

type Precompiles = ReadonlyMap<Address, Precompile>;

/** Which precompiled contracts an instance knows, and under which number. */
export class PrecompileSet {
  readonly #instance: Instance;
  #active: Precompiles | undefined;
  #builtIn: Precompiles | undefined;
  /** Addresses that the instance has something for. */
  #known = new Set<Address>();
  #byNumber = new Map<number, Precompile>();

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  get byNumber(): ReadonlyMap<number, Precompile> {
    return this.#byNumber;
  }

  /** The instance has forgotten everything. */
  forget(): void {
    this.#active = undefined;
    this.#known.clear();
  }

  /** Makes `active` answer; those of the fork, `builtIn`, are warm whatever has moved (geth's Prepare). */
  use(active: Precompiles, builtIn: Precompiles): void {
    if (active === this.#active && builtIn === this.#builtIn) return;
    const { core } = this.#instance;
    for (const address of this.#known) core.setPrecompile(this.#instance.entry(address), 0, 0);
    this.#known = new Set([...builtIn.keys(), ...active.keys()]);
    const numbers = new Map([...builtIn].map(([address, precompile]) => [precompile, Number(address)] as const));
    this.#byNumber = new Map([...numbers].map(([precompile, number]) => [number, precompile]));
    for (const address of this.#known) {
      const precompile = active.get(address);
      const number = precompile === undefined ? 0 : numbers.get(precompile) ?? 0;
      core.setPrecompile(this.#instance.entry(address), number, builtIn.has(address) ? 1 : 0);
    }
    this.#active = active;
    this.#builtIn = builtIn;
  }
}
