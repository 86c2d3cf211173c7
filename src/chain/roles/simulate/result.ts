import { ETH_CODE } from "../../../eth/error.ts";
import type { BlockRecord } from "../../store/block_record.ts";
import { revertError } from "../../../evm/revert.ts";
import { EncodedBlock } from "../../encode/encoded_block.ts";
import { type BlockPosition, logJson } from "../../encode/receipt.ts";
import type { CallOutcome, SimulatedOutcome } from "./block.ts";
import { bytesToHex, quantity } from "../../../primitives/hex.ts";

/** Encodes a simulated block: the block, and under `calls` the result of each call. */
export function blockResultJson(
  { record, calls }: SimulatedOutcome,
  options: { readonly fullTransactions: boolean; readonly blobGasPrice: bigint | undefined },
): string {
  const { blobGasPrice } = options;
  const encoded = new EncodedBlock(record, { blobGasPrice, pending: false, grow: () => {} });
  const { header, hash } = record;
  const position = { hash, number: header.number, timestamp: header.timestamp, blobGasPrice };
  const results = calls.map((call, index) => callJson(call, { record, position, index }));
  // Keys are sorted, as those of geth's maps are: `calls` comes before `difficulty`.
  return encoded.block(options.fullTransactions).text.replace(
    '"difficulty":',
    () => `"calls":[${results.join(",")}],"difficulty":`,
  );
}

function callJson(
  { result, logs, wasCapped }: CallOutcome,
  at: { readonly record: BlockRecord; readonly position: BlockPosition; readonly index: number },
): string {
  const transactionHash = at.record.hashes[at.index] ?? "0x";
  const encoded = logs.map(({ log, index }) =>
    logJson(log, { block: at.position, transactionHash, transactionIndex: at.index, logIndex: index }).text
  );
  // The data of a failed call is in its error only (geth's ExecutionResult.Return).
  const returned = result.error === undefined ? bytesToHex(result.returnData) : "0x";
  return `{"returnData":"${returned}","logs":[${encoded.join(",")}],` +
    `"gasUsed":"${quantity(result.gasUsed)}","maxUsedGas":"${quantity(result.maxUsedGas)}",` +
    `"status":"${result.error === undefined ? "0x1" : "0x0"}"${errorJson(result, wasCapped)}}`;
}

function errorJson({ error, returnData }: CallOutcome["result"], wasCapped: boolean): string {
  if (error === undefined) return "";
  if (error.kind === "revert") {
    const { message, code, data } = revertError(returnData);
    return `,"error":${JSON.stringify({ message, code, data })}`;
  }
  const message = error.message + (wasCapped ? " (gas limit was capped by the RPC server's global gas cap)" : "");
  return `,"error":${JSON.stringify({ message, code: ETH_CODE.vmError })}`;
}
