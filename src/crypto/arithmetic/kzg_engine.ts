// The polynomial commitments of EIP-4844 and EIP-7594, with the points of the ceremony.
import { KZG } from "micro-eth-signer/kzg.js";

/** What the module of the trusted setup exports. */
interface SetupModule {
  readonly trustedSetup: ConstructorParameters<typeof KZG>[0];
}

let setupUrl = "";
let engine: Promise<KZG> | undefined;

/** Names the module of the trusted setup, 3 MB, which is only read when it is needed. */
export function useTrustedSetup(url: string): void {
  setupUrl = url;
}

export function kzgEngine(): Promise<KZG> {
  return engine ??= load();
}

async function load(): Promise<KZG> {
  const { trustedSetup } = await import(setupUrl) as SetupModule;
  return new KZG(trustedSetup);
}
