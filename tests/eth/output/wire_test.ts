import { assertEquals, assertThrows } from "@std/assert";
import { wireAddress, wireData, wireHash, wireQuantity } from "../../../src/eth/output/wire.ts";
import { wireBlock, wireHeader, wireNewHead } from "../../../src/eth/output/block.ts";
import { wireFeeHistory, wireSyncing } from "../../../src/eth/output/node.ts";
import { wireLog, wireReceipt } from "../../../src/eth/output/receipt.ts";
import { wireTransaction } from "../../../src/eth/output/transaction.ts";
import { type Schema, ValueError } from "../../../src/rpc/schema.ts";

const ADDRESS = `0x${"aa".repeat(20)}`;
const HASH = `0x${"bb".repeat(32)}`;
const BLOOM = `0x${"00".repeat(256)}`;

const HEADER = {
  parentHash: HASH,
  sha3Uncles: HASH,
  miner: ADDRESS,
  stateRoot: HASH,
  transactionsRoot: HASH,
  receiptsRoot: HASH,
  logsBloom: BLOOM,
  difficulty: "0x0",
  number: "0x1",
  gasLimit: "0x1",
  gasUsed: "0x0",
  timestamp: "0x1",
  extraData: "0x",
  mixHash: HASH,
  nonce: "0x0000000000000000",
  hash: HASH,
};

const LEGACY = {
  blockHash: HASH,
  blockNumber: "0x1",
  blockTimestamp: "0x1",
  from: ADDRESS,
  gas: "0x5208",
  gasPrice: "0x1",
  hash: HASH,
  input: "0x",
  nonce: "0x0",
  to: null,
  transactionIndex: "0x0",
  value: "0x0",
  type: "0x0",
  v: "0x1b",
  r: "0x1",
  s: "0x1",
};

const LOG = {
  address: ADDRESS,
  topics: [HASH],
  data: "0x",
  blockNumber: "0x1",
  transactionHash: HASH,
  transactionIndex: "0x0",
  blockHash: HASH,
  blockTimestamp: "0x1",
  logIndex: "0x0",
  removed: false,
};

const RECEIPT = {
  type: "0x2",
  transactionHash: HASH,
  transactionIndex: "0x0",
  blockHash: HASH,
  blockNumber: "0x1",
  from: ADDRESS,
  to: ADDRESS,
  contractAddress: null,
  cumulativeGasUsed: "0x1",
  gasUsed: "0x1",
  effectiveGasPrice: "0x1",
  logs: [LOG],
  logsBloom: BLOOM,
  status: "0x1",
};

function assertFits(schema: Schema<unknown>, values: readonly unknown[]): void {
  for (const value of values) assertEquals(schema.read(value), value);
}

function assertMisfits(schema: Schema<unknown>, values: readonly unknown[]): void {
  for (const value of values) {
    const misfit = () => {
      schema.read(value);
      throw new Error(`${Deno.inspect(value)} fits`);
    };
    assertThrows(misfit, ValueError);
  }
}

Deno.test("Sent hex has one spelling", () => {
  assertFits(wireQuantity, ["0x0", "0x1", "0xff", `0x${"f".repeat(64)}`]);
  assertMisfits(wireQuantity, ["0x", "0x00", "0x01", "0xFF", "1", 1, null, "0x1\n", `0x1${"f".repeat(64)}`]);
  assertFits(wireData, ["0x", "0x00", "0xabcd"]);
  assertMisfits(wireData, ["", "0x0", "0xAB", "ab", [], "0xzz"]);
  assertMisfits(wireHash, [ADDRESS, HASH.toUpperCase(), HASH.slice(2)]);
  assertMisfits(wireAddress, [HASH, ADDRESS.replace("a", "A")]);
});

Deno.test("Sent blocks leave fields out that their fork has not, and sent heads do not", () => {
  const block = { ...HEADER, size: "0x1", uncles: [], transactions: [] };
  const absent = ["baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"];
  const nulls = Object.fromEntries(
    [...absent, "requestsHash", "blockAccessListHash", "slotNumber"].map((k) => [k, null]),
  );
  assertFits(wireHeader, [HEADER, { ...HEADER, baseFeePerGas: "0x7" }, {
    ...HEADER,
    hash: null,
    nonce: null,
    miner: null,
  }]);
  assertFits(wireNewHead, [{ ...HEADER, ...nulls }]);
  assertMisfits(wireNewHead, [HEADER, { ...HEADER, ...nulls, size: "0x1" }]);
  assertFits(wireBlock, [block, { ...block, transactions: [HASH] }, { ...block, transactions: [LEGACY] }]);
  assertMisfits(wireBlock, [
    HEADER,
    { ...block, totalDifficulty: "0x0" },
    { ...block, transactions: [HASH, LEGACY] },
    { ...block, nonce: "0x0" },
    { ...block, logsBloom: "0x00" },
    { ...block, withdrawals: [{ index: "0x1" }] },
  ]);
});

Deno.test("Sent transactions have the fields of their type and no others", () => {
  const accessListed = { ...LEGACY, type: "0x1", chainId: "0x1", accessList: [], yParity: "0x0" };
  const dynamic = { ...accessListed, type: "0x2", maxFeePerGas: "0x1", maxPriorityFeePerGas: "0x1" };
  const blob = { ...dynamic, type: "0x3", maxFeePerBlobGas: "0x1", blobVersionedHashes: [HASH] };
  const setCode = { ...dynamic, type: "0x4", authorizationList: [] };
  const pending = { blockHash: null, blockNumber: null, blockTimestamp: null, transactionIndex: null };
  assertFits(wireTransaction, [LEGACY, { ...LEGACY, chainId: "0x1" }, accessListed, dynamic, blob, setCode]);
  assertFits(wireTransaction, [{ ...dynamic, ...pending }]);
  assertMisfits(wireTransaction, [
    { ...LEGACY, yParity: "0x0" },
    { ...LEGACY, type: "0x5" },
    { ...LEGACY, type: "constructor" },
    { ...LEGACY, type: "0x1" },
    { ...dynamic, type: "0x1" },
    { ...dynamic, accessList: [{ address: ADDRESS }] },
    { ...dynamic, type: "0x3" },
    { ...blob, type: "0x4" },
    HASH,
    null,
  ]);
});

Deno.test("Sent receipts have a status or a root, and blob fields for blob transactions only", () => {
  const { status: _, ...unsettled } = RECEIPT;
  const blobGas = { blobGasUsed: "0x20000", blobGasPrice: "0x1" };
  assertFits(wireReceipt, [RECEIPT, { ...unsettled, root: HASH }, { ...RECEIPT, type: "0x3", ...blobGas }]);
  assertMisfits(wireReceipt, [
    unsettled,
    { ...RECEIPT, root: HASH },
    { ...RECEIPT, type: "0x3" },
    { ...RECEIPT, ...blobGas },
    { ...RECEIPT, logs: null },
  ]);
  assertMisfits(wireLog, [{ ...LOG, removed: null }, { ...LOG, topics: [HASH, HASH, HASH, HASH, HASH] }, {
    ...LOG,
    x: 1,
  }]);
});

Deno.test("Sent fee histories and sync states have known shapes", () => {
  const history = { oldestBlock: "0x1", baseFeePerGas: ["0x1", "0x1"], gasUsedRatio: [0.5] };
  assertFits(wireFeeHistory, [history, {
    ...history,
    reward: [["0x0"]],
    baseFeePerBlobGas: ["0x1"],
    blobGasUsedRatio: [0],
  }]);
  assertMisfits(wireFeeHistory, [{ ...history, gasUsedRatio: ["0.5"] }, { ...history, oldestBlock: 1 }]);
  assertFits(wireSyncing, [false, { startingBlock: "0x0", currentBlock: "0x1", highestBlock: "0x2" }]);
  assertMisfits(wireSyncing, [true, null, {}]);
});
