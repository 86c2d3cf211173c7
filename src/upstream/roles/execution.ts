import { callRequest } from "../../eth/input/transaction_request.ts";
import { blockOverrides, stateOverrides } from "../../eth/input/overrides.ts";
import { simulation } from "../../eth/input/simulation.ts";
import type { BlockRef, Data, Quantity, Simulation, TransactionRequest } from "../../eth/types.ts";
import type { CallOptions, Executor, Simulator } from "../../node/mod.ts";
import type { RawJson } from "../../rpc/raw_json.ts";
import type { Gateway } from "../gateway.ts";

/** Runs calls on the upstreams. */
export class UpstreamExecutor implements Executor, Simulator {
  readonly #gateway: Gateway;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  async call(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Data> {
    return (await this.#run("eth_call", request, { at, ...options })).decode() as Data;
  }

  async estimateGas(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<Quantity> {
    return (await this.#run("eth_estimateGas", request, { at, ...options })).decode() as Quantity;
  }

  createAccessList(request: TransactionRequest, at: BlockRef, options: CallOptions): Promise<RawJson> {
    return this.#run("eth_createAccessList", request, { at, ...options });
  }

  async simulate(
    question: Simulation,
    at: BlockRef,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<RawJson> {
    const written = simulation.write(question);
    return await this.#gateway.read(at, ({ param }) => ({ method: "eth_simulateV1", params: [written, param] }), {
      signal,
    });
  }

  async #run(
    method: string,
    request: TransactionRequest,
    { at, state, block, signal }: CallOptions & { readonly at: BlockRef },
  ): Promise<RawJson> {
    const overrides = [
      state === undefined ? undefined : stateOverrides.write(state),
      block === undefined ? undefined : blockOverrides.write(block),
    ];
    while (overrides.length > 0 && overrides.at(-1) === undefined) overrides.pop();
    const rest = overrides.map((override) => override ?? null);
    const written = callRequest.write(request);
    return await this.#gateway.read(at, ({ param }) => ({ method, params: [written, param, ...rest] }), { signal });
  }
}
