import type { Address, Hash } from "../../primitives/types.ts";
import { bytesToHex, hexToBytes, wordHex } from "../../primitives/hex.ts";
import { CODE, RpcError, serverError } from "../../rpc/error.ts";
import type { MissingProof } from "../../state/base.ts";
import { WitnessTries } from "../../state/witness/witness_tries.ts";
import type { FactStore } from "../facts/fact_store.ts";
import type { RemoteSource } from "../source.ts";
import { preimageOf, startsWith } from "./preimage.ts";

/** geth's limit for one eth_getProof. */
const MAX_KEYS_PER_PROOF = 1_024;
const ADDRESS_BYTES = 20;
const SLOT_BYTES = 32;

/** The accounts of which proofs are wanted, with their slots. */
type Wanted = Map<Address, Set<Hash>>;

/**
 * The tries of the forked state, as far as proofs have shown them. They are given up for good where the upstream has no proofs,
 * or none that shows a node that is needed: then state roots above the fork are made up.
 */
export class RemoteTries {
  readonly #source: RemoteSource;
  readonly #onLost: (reason: string) => void;
  #tries: WitnessTries | undefined;

  constructor(
    source: RemoteSource,
    { onLost, store }: { readonly onLost: (reason: string) => void; readonly store?: FactStore | undefined },
  ) {
    this.#source = source;
    this.#onLost = onLost;
    this.#tries = new WitnessTries(source.block.stateRoot, {
      recall: (hash) => store?.node(hash),
      keep: (hash, node) => store?.putNode(hash, node),
    });
  }

  /** Undefined once they were given up. */
  get tries(): WitnessTries | undefined {
    return this.#tries;
  }

  /** Asks for the proofs that show what is missing, all at once. */
  async load(missing: readonly MissingProof[]): Promise<void> {
    const tries = this.#tries;
    if (tries === undefined || missing.length === 0) return;
    try {
      const wanted: Wanted = new Map();
      await Promise.all(missing.map((proof) => want(wanted, proof)));
      const questions = [...wanted].flatMap(([address, slots]) =>
        chunks([...slots]).map((keys) => [address, keys] as const)
      );
      await Promise.all(questions.map(async ([address, keys]) => {
        tries.show(nodesOf((await this.#source.atBlock("eth_getProof", [address, keys])).decode()));
      }));
    } catch (error) {
      // Only a stalled upstream may have them later.
      if (!(error instanceof RpcError) || error.code === CODE.timeout) throw error;
      return this.#lose(error.message);
    }
    const unshown = missing.find((proof) => !tries.isShown(proof));
    if (unshown !== undefined) this.#lose(`no proof of ${unshown.address} shows the node that is needed`);
  }

  #lose(reason: string): void {
    if (this.#tries === undefined) return;
    this.#tries = undefined;
    this.#onLost(reason);
  }
}

/** Notes the account and slot whose proof shows a node. */
async function want(wanted: Wanted, { address, slot, key, path }: MissingProof): Promise<void> {
  const add = (to: Address, slots: readonly Hash[]) => {
    const known = wanted.get(to);
    if (known === undefined) wanted.set(to, new Set(slots));
    else for (const each of slots) known.add(each);
  };
  if (startsWith(key, path)) return add(address, slot === undefined ? [] : [wordHex(slot)]);
  // The node is beside the way: its neighbour was removed, and it moves up. Something must be found that leads to it.
  const preimage = await preimageOf(path, slot === undefined ? ADDRESS_BYTES : SLOT_BYTES);
  if (preimage === null) {
    throw serverError(`a removed value of ${address} lies too deep in the trie to find its neighbour`);
  }
  const found = bytesToHex(preimage);
  if (slot === undefined) add(found, []);
  else add(address, [found]);
}

function chunks(slots: readonly Hash[]): (readonly Hash[])[] {
  const parts: (readonly Hash[])[] = [slots.slice(0, MAX_KEYS_PER_PROOF)];
  for (let at = MAX_KEYS_PER_PROOF; at < slots.length; at += MAX_KEYS_PER_PROOF) {
    parts.push(slots.slice(at, at + MAX_KEYS_PER_PROOF));
  }
  return parts;
}

/** The nodes of an answer of eth_getProof. */
function nodesOf(answer: unknown): Uint8Array[] {
  const { accountProof, storageProof } = (answer ?? {}) as {
    readonly accountProof?: unknown;
    readonly storageProof?: unknown;
  };
  const slots = listOf(storageProof).map((slot) => (slot as { readonly proof?: unknown } | null)?.proof);
  return [accountProof, ...slots].flatMap(listOf).map((node) => {
    if (typeof node === "string" && /^0x([0-9a-fA-F]{2})+$/.test(node)) return hexToBytes(node as Hash);
    throw malformed();
  });
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed();
}

function malformed(): RpcError {
  return serverError("the upstream answered eth_getProof with something else than it must be");
}
