import { traceCallConfig, traceConfig } from "../../eth/input/trace_config.ts";
import { callRequest } from "../../eth/input/transaction_request.ts";
import type { BlockRef, Data, Hash, TraceCallOptions, TransactionRequest } from "../../eth/types.ts";
import type { RawReader, TraceContext, Tracer } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Call, Gateway, Position } from "../gateway.ts";

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
    const config = traceConfig.write(trace);
    return await this.#gateway.read(at, ({ hash, param }) => ({
      method: hash === undefined ? "debug_traceBlockByNumber" : "debug_traceBlockByHash",
      params: [hash ?? param, config],
    }), { signal });
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
    const [call, config] = [callRequest.write(request), traceCallConfig.write(trace)];
    return await this.#gateway.read(at, ({ param }) => ({ method: "debug_traceCall", params: [call, param, config] }), {
      signal,
    });
  }

  rawHeader(at: BlockRef): Promise<Data> {
    return this.#gateway.readText<Data>(at, (position) => rawCall("debug_getRawHeader", position));
  }

  rawBlock(at: BlockRef): Promise<Data> {
    return this.#gateway.readText<Data>(at, (position) => rawCall("debug_getRawBlock", position));
  }

  rawReceipts(at: BlockRef): Promise<RawJson> {
    return this.#gateway.read(at, (position) => rawCall("debug_getRawReceipts", position));
  }

  badBlocks(): Promise<RawJson> {
    return this.#gateway.ask("debug_getBadBlocks", []);
  }
}

/** These methods take geth's BlockNumberOrHash in its short form. */
function rawCall(method: string, { hash, param }: Position): Call {
  return { method, params: [hash ?? param] };
}
