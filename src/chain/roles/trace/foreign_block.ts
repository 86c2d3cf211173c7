import type { Data } from "../../../eth/types.ts";
import { headerHash } from "../../../primitives/header.ts";
import { decodeRlp, RlpError } from "../../../primitives/rlp.ts";
import { recoverSender, SignatureError } from "../../../primitives/sender.ts";
import { transactionHash } from "../../../primitives/signed_transaction.ts";
import { serverError } from "../../../rpc/error.ts";
import type { ChainCore } from "../../core/core.ts";
import { decodeBlock } from "../../store/block_codec.ts";
import { BlockRecord, RecentBlocks } from "../../store/block_record.ts";

/** Reads a block from its RLP encoding: the chain's own when it has it, else one that can be run on top of its parent. */
export function foreignBlock(core: ChainCore, raw: Data): BlockRecord {
  try {
    const { header, transactions, uncles, withdrawals } = decodeBlock(decodeRlp(raw.slice(2)));
    const hash = headerHash(header);
    const known = core.blocks.of(hash);
    if (known !== null) return known;
    const parent = core.blocks.of(header.parentHash);
    if (parent === null) throw serverError(`parent ${header.parentHash} not found`);
    const { chainId } = core.rulesOf(header);
    const included = transactions.map((transaction) => ({
      transaction,
      hash: transactionHash(transaction),
      sender: recoverSender(transaction, { chainId, homestead: true }),
      impersonated: false,
    }));
    const body = { transactions: included, uncles, withdrawals };
    const totalDifficulty = parent.totalDifficulty + header.difficulty;
    return new BlockRecord({ header, hash, totalDifficulty, body, receipts: [] }, new RecentBlocks());
  } catch (cause) {
    if (!(cause instanceof RlpError) && !(cause instanceof SignatureError)) throw cause;
    throw serverError(`could not decode block: ${cause.message}`, { cause });
  }
}
