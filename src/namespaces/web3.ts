import { keccak_256 } from "@noble/hashes/sha3.js";
import { data, wireHash } from "../eth/mod.ts";
import { type Method, method, required } from "../rpc/method.ts";
import { string } from "../rpc/schema.ts";

export interface Web3Deps {
  /** What web3_clientVersion answers; see {@link clientVersion}. */
  readonly clientVersion: string;
}

/** Names this program as geth names itself: `name/version/runtime/version of the runtime`. */
export function clientVersion(version: string): string {
  return `Sallyport/v${version}/deno/${Deno.version.deno}`;
}

/** What web3.js once kept on the server's side. */
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
      handler: ([bytes]) => `0x${keccak_256(Uint8Array.fromHex(bytes.slice(2))).toHex()}` as const,
    }),
  };
}
