import { readIoCases } from "../conformance/io_case.ts";

/** A request that a real client sends; everything that the fuzzer sends is made from some of them. */
export interface Seed {
  readonly method: string;
  readonly params: readonly unknown[];
}

const A = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const B = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
const HASH = "0x0f2ec8f55ec1be6a1a3c7a6bc4a1f8b8a5b6f0a2f3cf3f93b1a0b8d5c2ad9c11";
/** Stores, logs, calls itself and returns a word. */
const CODE = "0x600160005560016000a0600060006000600060003061c350f15060206000f3";
const CALL = { from: A, to: B, gas: "0x186a0", value: "0x1", data: "0x06fdde03" };
const TYPED_DATA = {
  types: {
    EIP712Domain: [{ name: "name", type: "string" }, { name: "chainId", type: "uint256" }],
    Person: [{ name: "name", type: "string" }, { name: "wallets", type: "address[]" }],
    Mail: [{ name: "from", type: "Person" }, { name: "to", type: "Person[2]" }, { name: "data", type: "bytes" }],
  },
  primaryType: "Mail",
  domain: { name: "Mail", chainId: 1337 },
  message: { from: { name: "Cow", wallets: [A] }, to: [{ name: "Bob", wallets: [] }, null], data: "0x01" },
};

/** Requests of our own, by method. */
const OWN: { readonly [method: string]: readonly unknown[] } = {
  eth_call: [CALL, "latest", { [A]: { balance: "0x1", code: CODE, stateDiff: { [HASH]: HASH } } }, { number: "0x7" }],
  eth_estimateGas: [CALL, "pending", { [B]: { nonce: "0x5", state: { [HASH]: HASH } } }],
  eth_createAccessList: [{ ...CALL, accessList: [{ address: A, storageKeys: [HASH] }] }, "latest"],
  eth_fillTransaction: [{ ...CALL, maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1", chainId: "0x539" }],
  eth_sendTransaction: [{ ...CALL, nonce: "0x0", gasPrice: "0x77359400" }],
  eth_signTransaction: [{ ...CALL, nonce: "0x0", gasPrice: "0x77359400", type: "0x0" }],
  eth_sendRawTransaction: [`0x02f8${"01".repeat(110)}`],
  eth_simulateV1: [{
    blockStateCalls: [{
      blockOverrides: { number: "0x100", time: "0xffffffff", baseFeePerGas: "0x1" },
      stateOverrides: { [B]: { code: CODE, nonce: "0xffffffffffffffff" } },
      calls: [CALL, { from: A, data: CODE }],
    }],
    traceTransfers: true,
    validation: false,
    returnFullTransactions: true,
  }, "latest"],
  eth_getBlockByNumber: ["latest", true],
  eth_getBlockByHash: [HASH, false],
  eth_getBlockReceipts: ["latest"],
  eth_getBalance: [A, { blockHash: HASH, requireCanonical: true }],
  eth_getCode: [B, "safe"],
  eth_getStorageAt: [A, "0x0", "latest"],
  eth_getStorageValues: [{ [A]: [HASH] }, "latest"],
  eth_getProof: [A, ["0x0", HASH], "latest"],
  eth_getTransactionCount: [A, "pending"],
  eth_getTransactionByHash: [HASH],
  eth_getTransactionByBlockNumberAndIndex: ["0x1", "0x0"],
  eth_getLogs: [{ fromBlock: "0x0", toBlock: "latest", address: [A, B], topics: [null, [HASH, HASH]] }],
  eth_newFilter: [{ address: A, topics: [HASH] }],
  eth_newBlockFilter: [],
  eth_newPendingTransactionFilter: [true],
  eth_getFilterChanges: ["0x1"],
  eth_uninstallFilter: ["0x1"],
  eth_subscribe: ["logs", { fromBlock: "0x0", address: [A], topics: [] }],
  eth_unsubscribe: ["0x1"],
  eth_feeHistory: ["0x4", "latest", [10, 50.5, 90]],
  eth_sign: [A, "0xdeadbeef"],
  eth_signTypedData_v4: [A, TYPED_DATA],
  personal_sign: ["0xdeadbeef", A, ""],
  web3_sha3: ["0x68656c6c6f"],
  debug_traceCall: [CALL, "latest", { tracer: "prestateTracer", tracerConfig: { diffMode: true }, stateOverrides: {} }],
  debug_traceTransaction: [HASH, { tracer: "callTracer", tracerConfig: { withLog: true }, timeout: "1s" }],
  debug_traceBlockByNumber: ["latest", { enableMemory: true, limit: 10 }],
  debug_getRawBlock: ["latest"],
  debug_getRawReceipts: ["0x0"],
  txpool_contentFrom: [A],
  anvil_setBalance: [B, "0xde0b6b3a7640000"],
  anvil_setCode: [B, CODE],
  anvil_setNonce: [B, "0x5"],
  anvil_setStorageAt: [B, "0x0", HASH],
  anvil_impersonateAccount: [B],
  anvil_mine: ["0x3", "0x1"],
  anvil_dropTransaction: [HASH],
  anvil_reorg: [1, [[{ from: A, to: B, value: "0x1" }, 0]]],
  anvil_setNextBlockBaseFeePerGas: ["0x77359400"],
  anvil_loadState: ["0x7b7d"],
  evm_snapshot: [],
  evm_revert: ["0x1"],
  evm_mine: [{ blocks: 2, timestamp: 4_000_000_000 }],
  evm_setAutomine: [true],
  evm_increaseTime: [60],
  evm_setNextBlockTimestamp: ["0xff000000"],
  hardhat_mine: ["0x10", "0x1"],
  hardhat_setPrevRandao: [HASH],
  hardhat_setCoinbase: [B],
};

/** The requests of our own, and those of the official cases where their folder is given. */
export async function readSeeds(folder?: string): Promise<readonly Seed[]> {
  const own = Object.entries(OWN).map(([method, params]) => ({ method, params }));
  if (folder === undefined) return own;
  const official = (await readIoCases(`${folder}/tests`)).flatMap(({ exchanges }) =>
    exchanges.flatMap(({ request }) => {
      const { method, params } = JSON.parse(request);
      return Array.isArray(params) ? [{ method, params }] : [];
    })
  );
  return [...own, ...official];
}
