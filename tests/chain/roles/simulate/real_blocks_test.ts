import { assertEquals, assertGreater } from "@std/assert";
import { decodeBlock, type DecodedBlock } from "../../../../src/chain/store/block_codec.ts";
import { decodeRlp } from "../../../../src/primitives/rlp.ts";
import { recoverSender } from "../../../../src/primitives/sender.ts";
import { type Transaction, TX_TYPE } from "../../../../src/primitives/transaction.ts";
import type { BlockOverrides, TransactionRequest } from "../../../../src/eth/types.ts";
import { testChain } from "../../fixture.ts";
import { simulate } from "./fixture.ts";
import { bytesToHex } from "../../../../src/primitives/hex.ts";

const OFFICIAL = new URL("../../../../../shared/conformance/rpc-compat/", import.meta.url);

/** The genesis and the blocks of the official test chain, null where they are not at hand. */
async function officialChain(): Promise<{ genesis: string; blocks: Uint8Array } | null> {
  const [genesis, blocks] = await Promise.all(
    ["genesis.json", "chain.rlp"].map((name) => Deno.readFile(new URL(name, OFFICIAL)).catch(() => null)),
  );
  return genesis && blocks ? { genesis: new TextDecoder().decode(genesis), blocks } : null;
}

/** A mined transaction as a call that does the same. */
function callOf(transaction: Transaction, chainId: bigint): TransactionRequest {
  const sender = recoverSender(transaction, { chainId, homestead: true });
  const { type, nonce, gasLimit: gas, to, value, data, accessList } = transaction;
  const fees = type === TX_TYPE.legacy || type === TX_TYPE.accessList
    ? { gasPrice: transaction.gasFeeCap }
    : { maxFeePerGas: transaction.gasFeeCap, maxPriorityFeePerGas: transaction.gasTipCap };
  return {
    ...{ from: sender, nonce, gas, to, value, input: bytesToHex(data), ...fees },
    ...(accessList.length === 0 ? {} : { accessList }),
    ...(type === TX_TYPE.setCode ? { authorizationList: transaction.authorizations } : {}),
    ...(type === TX_TYPE.blob
      ? { blobVersionedHashes: transaction.blobHashes, maxFeePerBlobGas: transaction.blobFeeCap }
      : {}),
  };
}

/** What is decided from outside the block. */
function overridesOf({ header, withdrawals }: DecodedBlock): BlockOverrides {
  return {
    time: header.timestamp,
    gasLimit: header.gasLimit,
    feeRecipient: header.coinbase,
    difficulty: header.difficulty,
    prevRandao: header.mixHash,
    ...(header.parentBeaconBlockRoot === undefined ? {} : { beaconRoot: header.parentBeaconBlockRoot }),
    ...(withdrawals === undefined ? {} : { withdrawals }),
  };
}

Deno.test("A simulated block of real transactions ends in the state of the real one", async () => {
  const official = await officialChain();
  if (official === null) return;
  using chain = await testChain({ ...official, gasCap: 0n });
  const head = await chain.head();
  const chainId = BigInt(await chain.node.identity.chainId());
  let simulated = 0;
  for (let number = 1n; number <= head; number++) {
    const decoded = decodeBlock(decodeRlp((await chain.node.raw.rawBlock({ number })).slice(2)));
    // A simulated block pays no uncles.
    if (decoded.uncles.length !== 0) continue;
    const [block] = await simulate(chain, [{
      block: overridesOf(decoded),
      calls: decoded.transactions.map((transaction) => callOf(transaction, chainId)),
    }], { at: { number: number - 1n }, validation: true });
    const real = await chain.block(number);
    const fields = ["stateRoot", "gasUsed", "logsBloom", "baseFeePerGas", "excessBlobGas", "requestsHash"] as const;
    const pick = (from: object | undefined) => fields.map((field) => (from as Record<string, unknown>)[field]);
    assertEquals(pick(block), pick(real), `block ${number}`);
    simulated += block?.calls.length ?? 0;
  }
  assertGreater(simulated, 150);
});
