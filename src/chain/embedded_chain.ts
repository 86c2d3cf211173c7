import type { ChainOptions, EmbeddedChain } from "./options.ts";

/** Builds the chain: genesis, imported blocks, pool and sealer. Throws GenesisError or ImportError. */
export function createDevChain(_options: ChainOptions = {}): Promise<EmbeddedChain> {
  throw new Error("skeleton");
}
