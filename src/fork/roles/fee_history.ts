import type { BlockRef, Quantity } from "../../eth/types.ts";
import { RawJson } from "../../rpc/raw_json.ts";
import type { Sides } from "../sides.ts";

/** geth's eth/gasprice, as the local chain and every node that follows it. */
const MAX_BLOCKS = 1024;

/** The answer of eth_feeHistory. */
interface FeeHistory {
  readonly oldestBlock: Quantity;
  readonly reward?: readonly (readonly Quantity[])[];
  readonly baseFeePerGas?: readonly Quantity[];
  readonly gasUsedRatio: readonly number[];
  readonly baseFeePerBlobGas?: readonly Quantity[];
  readonly blobGasUsedRatio?: readonly number[];
}

/** Answers eth_feeHistory; over the forked block it joins the history of the other chain and that of the local one. */
export async function feeHistory(
  sides: Sides,
  newest: BlockRef,
  { count, percentiles }: { readonly count: number; readonly percentiles: readonly number[] },
): Promise<RawJson> {
  const { local, past } = sides;
  const below = count < 1 ? null : await sides.ofBlock(newest);
  if (below !== null) return await below.remote.blocks.feeHistory(count, below.at, percentiles);
  const newestNumber = await sides.numberOf(newest) ?? local.events.headNumber() + 1n;
  const own = past === null ? count : Number(newestNumber - past.block.number);
  const wanted = Math.min(count, MAX_BLOCKS);
  if (past === null || wanted <= own) return await local.blocks.feeHistory(count, newest, percentiles);
  const { block, remote } = past;
  // The local part comes first: it refuses percentiles that are no percentiles.
  const recent = (await local.blocks.feeHistory(own, newest, percentiles)).decode() as FeeHistory;
  const old = (await remote.blocks.feeHistory(wanted - own, { number: block.number }, percentiles))
    .decode() as FeeHistory;
  return RawJson.of(joined(old, recent));
}

/** Each list of base fees ends with that of the next block, which the second history knows better. */
function joined(old: FeeHistory, recent: FeeHistory): FeeHistory {
  const blocks = old.gasUsedRatio.length;
  const { baseFeePerGas = [], baseFeePerBlobGas = [], blobGasUsedRatio = [] } = recent;
  // A node that knows no blobs leaves their lists out.
  const free = Array.from({ length: blocks }, (): Quantity => "0x0");
  return {
    oldestBlock: old.oldestBlock,
    ...recent.reward === undefined ? {} : { reward: [...old.reward ?? [], ...recent.reward] },
    baseFeePerGas: [...(old.baseFeePerGas ?? free).slice(0, blocks), ...baseFeePerGas],
    gasUsedRatio: [...old.gasUsedRatio, ...recent.gasUsedRatio],
    baseFeePerBlobGas: [...(old.baseFeePerBlobGas ?? free).slice(0, blocks), ...baseFeePerBlobGas],
    blobGasUsedRatio: [...old.blobGasUsedRatio ?? free.map(() => 0), ...blobGasUsedRatio],
  };
}
