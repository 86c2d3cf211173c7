import { traceCallConfig, traceConfig } from "../../eth/input/trace_config.ts";
import { callRequest } from "../../eth/input/transaction_request.ts";
import type { BlockRef, Data, Hash, TraceCallOptions, TransactionRequest } from "../../eth/types.ts";
import type { RawReader, TraceContext, Tracer } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway, Position } from "../gateway.ts";

/** Reads traces and consensus encodings from an upstream that offers `debug`. */
export class UpstreamDebug implements Tracer, RawReader {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  traceTransaction(hash: Hash, { trace, signal }: TraceContext): Promise<RawJson> {
    return this.#gateway.ask("debug_traceTransaction", [hash, traceConfig.write(trace)], { signal });
  }

  async traceBlock(at: BlockRef, { trace, signal }: TraceContext): Promise<RawJson> {
    const position = await this.#gateway.require(at);
    const method = position.hash === undefined ? "debug_traceBlockByNumber" : "debug_traceBlockByHash";
    const params = [position.hash ?? position.param, traceConfig.write(trace)];
    return await this.#gateway.ask(method, params, { at: position, signal });
  }

  traceRawBlock(block: Data, { trace, signal }: TraceContext): Promise<RawJson> {
    return this.#gateway.ask("debug_traceBlock", [block, traceConfig.write(trace)], { signal });
  }

  intermediateRoots(blockHash: Hash, signal: AbortSignal): Promise<RawJson> {
    return this.#gateway.ask("debug_intermediateRoots", [blockHash], { signal });
  }

  async traceCall(
    request: TransactionRequest,
    at: BlockRef,
    { trace, signal }: TraceContext<TraceCallOptions>,
  ): Promise<RawJson> {
    const position = await this.#gateway.require(at);
    const params = [callRequest.write(request), position.param, traceCallConfig.write(trace)];
    return await this.#gateway.ask("debug_traceCall", params, { at: position, signal });
  }

  async rawHeader(at: BlockRef): Promise<Data> {
    return await this.#raw("debug_getRawHeader", at);
  }

  async rawBlock(at: BlockRef): Promise<Data> {
    return await this.#raw("debug_getRawBlock", at);
  }

  async rawReceipts(at: BlockRef): Promise<RawJson> {
    const position = await this.#gateway.require(at);
    return await this.#gateway.ask("debug_getRawReceipts", [which(position)], { at: position });
  }

  badBlocks(): Promise<RawJson> {
    return this.#gateway.ask("debug_getBadBlocks", []);
  }

  async #raw(method: string, at: BlockRef): Promise<Data> {
    const position = await this.#gateway.require(at);
    return await this.#gateway.text<Data>(method, [which(position)], { at: position });
  }
}

/** geth's BlockNumberOrHash in its short form, which these methods take. */
function which({ hash, param }: Position): unknown {
  return hash ?? param;
}
