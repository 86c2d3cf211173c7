import type { BlockRef, Data, Hash, TraceCallOptions, TransactionRequest } from "../../eth/types.ts";
import type { RawReader, TraceContext, Tracer } from "../../node/mod.ts";
import { RpcError } from "../../rpc/error.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/** Traces and reads consensus encodings on both sides of the forked block. */
export class ForkDebug implements Tracer, RawReader {
  readonly #sides: Sides;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  async traceTransaction(hash: Hash, context: TraceContext): Promise<RawJson> {
    const { local, past } = this.#sides;
    const isOwn = past === null || await local.blocks.transaction(hash) !== null;
    return await (isOwn ? local : past.remote).tracer.traceTransaction(hash, context);
  }

  async traceBlock(at: BlockRef, context: TraceContext): Promise<RawJson> {
    const below = await this.#sides.ofBlock(at);
    return await (below?.remote ?? this.#sides.local).tracer.traceBlock(below?.at ?? at, context);
  }

  /** A block of any chain can be given; only the side that has its parent can run it. */
  async traceRawBlock(block: Data, context: TraceContext): Promise<RawJson> {
    const { local, past } = this.#sides;
    try {
      return await local.tracer.traceRawBlock(block, context);
    } catch (error) {
      if (past === null || !(error instanceof RpcError) || !/^parent .* not found$/.test(error.message)) throw error;
      return await past.remote.tracer.traceRawBlock(block, context);
    }
  }

  async intermediateRoots(blockHash: Hash, signal: AbortSignal): Promise<RawJson> {
    const below = await this.#sides.ofBlock({ hash: blockHash, requireCanonical: false });
    return await (below?.remote ?? this.#sides.local).tracer.intermediateRoots(blockHash, signal);
  }

  async traceCall(
    request: TransactionRequest,
    at: BlockRef,
    context: TraceContext<TraceCallOptions>,
  ): Promise<RawJson> {
    const below = await this.#sides.ofState(at);
    return await (below?.remote ?? this.#sides.local).tracer.traceCall(request, below?.at ?? at, context);
  }

  async rawHeader(at: BlockRef): Promise<Data> {
    const below = await this.#sides.ofBlock(at);
    return await (below?.remote ?? this.#sides.local).raw.rawHeader(below?.at ?? at);
  }

  async rawBlock(at: BlockRef): Promise<Data> {
    const below = await this.#sides.ofBlock(at);
    return await (below?.remote ?? this.#sides.local).raw.rawBlock(below?.at ?? at);
  }

  async rawReceipts(at: BlockRef): Promise<RawJson> {
    const below = await this.#sides.ofBlock(at);
    return await (below?.remote ?? this.#sides.local).raw.rawReceipts(below?.at ?? at);
  }

  async badBlocks(): Promise<RawJson> {
    return await this.#sides.local.raw.badBlocks();
  }
}
