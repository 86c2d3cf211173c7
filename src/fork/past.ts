import type { Hash } from "../eth/types.ts";
import type { Header } from "../primitives/header.ts";
import type { RawJson } from "../rpc/raw_json.ts";
import type { StateBase } from "../state/base.ts";
import type { PinnedNode } from "../upstream/mod.ts";
import type { Past } from "./sides.ts";
import type { BlockPosition, RemoteSource } from "./source.ts";

/** The other chain up to the forked block, and what is known of its state. The upstreams can be replaced (anvil_setRpcUrl). */
export class ForkedPast implements Past, RemoteSource {
  readonly block: BlockPosition & Pick<Header, "parentHash">;
  readonly base: StateBase;
  readonly config: RawJson | null;
  #remote: PinnedNode;

  constructor(
    block: { readonly header: Header; readonly hash: Hash },
    { remote, config, baseOf }: {
      readonly remote: PinnedNode;
      readonly config: RawJson | null;
      readonly baseOf: (source: RemoteSource) => StateBase;
    },
  ) {
    const { header: { number, parentHash, stateRoot }, hash } = block;
    this.block = { number, hash, parentHash, stateRoot };
    this.config = config;
    this.#remote = remote;
    this.base = baseOf(this);
  }

  get remote(): PinnedNode {
    return this.#remote;
  }

  /** Asks other upstreams from now on; they must be pinned to the same block. */
  replaceRemote(remote: PinnedNode): void {
    this.#remote.retire();
    this.#remote = remote;
  }

  atBlock(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson> {
    return this.#remote.atBlock(method, params, signal);
  }

  ask(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<RawJson> {
    return this.#remote.ask(method, params, signal);
  }
}
