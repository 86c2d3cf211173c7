import { assertEquals, assertGreater } from "@std/assert";
import type { BlockRecord } from "../../../../src/chain/store/block_record.ts";
import type { IncludedTransaction } from "../../../../src/chain/store/block.ts";
import { TX_TYPE } from "../../../../src/primitives/transaction.ts";
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
function callOf({ transaction, sender }: IncludedTransaction): TransactionRequest {
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
function overridesOf(record: BlockRecord): BlockOverrides {
  const { header } = record;
  const { withdrawals } = record.body();
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
  let simulated = 0;
  for (let number = 1n; number <= head; number++) {
    const record = await chain.node.view.required({ number });
    // A simulated block pays no uncles.
    if (record.body().uncles.length !== 0) continue;
    const [block] = await simulate(chain, [{
      block: overridesOf(record),
      calls: record.body().transactions.map(callOf),
    }], { at: { number: number - 1n }, validation: true });
    const real = await chain.block(number);
    const fields = ["stateRoot", "gasUsed", "logsBloom", "baseFeePerGas", "excessBlobGas", "requestsHash"] as const;
    const pick = (from: object | undefined) => fields.map((field) => (from as Record<string, unknown>)[field]);
    assertEquals(pick(block), pick(real), `block ${number}`);
    simulated += block?.calls.length ?? 0;
  }
  assertGreater(simulated, 150);
});
