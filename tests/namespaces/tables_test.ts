import { assertEquals } from "@std/assert";
import { createRegistry } from "../../src/rpc/registry.ts";
import type { Parameter } from "../../src/rpc/method.ts";
import { testTables } from "../support/tables.ts";

function signature(name: string, params: readonly Parameter<unknown>[]): string {
  return `${name}(${params.map((parameter) => parameter.name + (parameter.optional ? "?" : "")).join(", ")})`;
}

/** What geth's clients call, with the arguments that may be left out. */
const SIGNATURES = [
  "eth_accounts()",
  "eth_baseFee()",
  "eth_blobBaseFee()",
  "eth_blockNumber()",
  "eth_call(transaction, block?, stateOverrides?, blockOverrides?)",
  "eth_capabilities()",
  "eth_chainId()",
  "eth_coinbase()",
  "eth_config()",
  "eth_createAccessList(transaction, block?, stateOverrides?)",
  "eth_estimateGas(transaction, block?, stateOverrides?, blockOverrides?)",
  "eth_feeHistory(blockCount, newestBlock, rewardPercentiles)",
  "eth_fillTransaction(transaction)",
  "eth_gasPrice()",
  "eth_getBalance(address, block?)",
  "eth_getBlockByHash(blockHash, hydratedTransactions)",
  "eth_getBlockByNumber(block, hydratedTransactions)",
  "eth_getBlockReceipts(block)",
  "eth_getBlockTransactionCountByHash(blockHash)",
  "eth_getBlockTransactionCountByNumber(block)",
  "eth_getCode(address, block?)",
  "eth_getFilterChanges(filterIdentifier)",
  "eth_getFilterLogs(filterIdentifier)",
  "eth_getHeaderByHash(blockHash)",
  "eth_getHeaderByNumber(block)",
  "eth_getLogs(filter)",
  "eth_getProof(address, storageKeys, block?)",
  "eth_getRawTransactionByBlockHashAndIndex(blockHash, transactionIndex)",
  "eth_getRawTransactionByBlockNumberAndIndex(block, transactionIndex)",
  "eth_getRawTransactionByHash(transactionHash)",
  "eth_getStorageAt(address, storageSlot, block?)",
  "eth_getStorageValues(slots, block?)",
  "eth_getTransactionByBlockHashAndIndex(blockHash, transactionIndex)",
  "eth_getTransactionByBlockNumberAndIndex(block, transactionIndex)",
  "eth_getTransactionByHash(transactionHash)",
  "eth_getTransactionCount(address, block?)",
  "eth_getTransactionReceipt(transactionHash)",
  "eth_getUncleByBlockHashAndIndex(blockHash, uncleIndex)",
  "eth_getUncleByBlockNumberAndIndex(block, uncleIndex)",
  "eth_getUncleCountByBlockHash(blockHash)",
  "eth_getUncleCountByBlockNumber(block)",
  "eth_maxPriorityFeePerGas()",
  "eth_newBlockFilter()",
  "eth_newFilter(filter)",
  "eth_newPendingTransactionFilter(fullTransactions?)",
  "eth_pendingTransactions()",
  "eth_requestAccounts()",
  "eth_sendRawTransaction(transaction)",
  "eth_sendRawTransactionSync(transaction, timeout?)",
  "eth_sendTransaction(transaction)",
  "eth_sign(address, message)",
  "eth_signTransaction(transaction)",
  "eth_signTypedData_v4(address, typedData)",
  "eth_syncing()",
  "eth_uninstallFilter(filterIdentifier)",
  "net_listening()",
  "net_peerCount()",
  "net_version()",
  "rpc_modules()",
  "web3_clientVersion()",
  "web3_sha3(data)",
];

Deno.test("The namespaces that are on by default have every method that clients call", () => {
  const registry = createRegistry(testTables(), { allow: ["eth", "net", "web3"] });
  const served = registry.methods.map(({ name, method }) => signature(name, method.params));
  assertEquals(SIGNATURES.filter((wanted) => !served.includes(wanted)), []);
});

Deno.test("eth has geth's five kinds of subscription", () => {
  const registry = createRegistry(testTables(), { allow: ["eth"] });
  const kinds = new Set(registry.subscriptions.map(({ kind }) => kind));
  for (const kind of ["newHeads", "logs", "newPendingTransactions", "transactionReceipts", "syncing"]) {
    assertEquals(kinds.has(kind), true, kind);
  }
});

Deno.test("A namespace that is not named is not served", () => {
  const registry = createRegistry(testTables(), { allow: ["net"] });
  assertEquals(registry.namespaces, ["net", "rpc"]);
  assertEquals(registry.method("eth_chainId"), undefined);
  assertEquals(registry.method("personal_unlockAccount"), undefined);
});
