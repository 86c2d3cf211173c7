import { Pacer } from "../concurrency/pacer.ts";
import { bytesToHex } from "../primitives/hex.ts";
import { keccakOfData } from "../primitives/hash.ts";
import { data, wireHash } from "../eth/mod.ts";
import { type Method, method, required } from "../rpc/method.ts";
import { string } from "../rpc/schema.ts";

export interface Web3Deps {
  /** The answer of web3_clientVersion; see {@link clientVersion}. */
  readonly clientVersion: string;
}

/**
 * The beginnings of a client version by which tools recognise a chain that a test may control, by the namespace that they
 * then use. Hardhat's network helpers want `hardhat` or `anvil` at the beginning (network-helpers.ts,
 * throwIfNotDevelopmentNetwork; before version 3 `hardhatnetwork`), brownie `hardhat` (network/rpc, ATTACH_BACKENDS),
 * ape-foundry `anvil` anywhere and ape-hardhat `hardhat` anywhere (provider.py).
 */
const TOOL_NAMES: readonly (readonly [namespace: string, name: string])[] = [
  ["hardhat", "HardhatNetwork"],
  ["anvil", "anvil"],
];

/**
 * Names this program as geth names itself: `name/version/runtime/version of the runtime`. The names that tools look for
 * stand in front where the namespace that they use is served.
 *
 * @example
 * ```ts
 * clientVersion("0.1.0", ["eth", "anvil"]); // anvil/Sallyport/v0.1.0/deno/2.9.6
 * ```
 */
export function clientVersion(version: string, namespaces: readonly string[] = []): string {
  const names = TOOL_NAMES.filter(([namespace]) => namespaces.includes(namespace)).map(([, name]) => `${name}/`);
  return `${names.join("")}Sallyport/v${version}/deno/${Deno.version.deno}`;
}

/** Makes the rows of `web3`. */
export function web3Rows(deps: Web3Deps): { readonly [name: string]: Method } {
  return {
    web3_clientVersion: method({
      summary: "Returns the name and version of this program.",
      params: [],
      result: string,
      handler: () => deps.clientVersion,
    }),
    web3_sha3: method({
      summary: "Returns the Keccak-256 hash of bytes, which is not the standardised SHA3-256.",
      params: [required("data", data)],
      result: wireHash,
      async handler([bytes], { signal }) {
        const pacer = new Pacer({ signal });
        return bytesToHex(await keccakOfData(bytes, { breathe: () => pacer.breathe() }));
      },
    }),
  };
}
