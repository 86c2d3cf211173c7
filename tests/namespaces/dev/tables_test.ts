import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createRegistry } from "../../../src/rpc/registry.ts";
import { testTables } from "../../support/tables.ts";

/** anvil's names, hardhat's and those of ganache that others took over; each line is one row. */
const ROWS = [
  "anvil_addBalance hardhat_addBalance",
  "anvil_autoImpersonateAccount hardhat_autoImpersonateAccount",
  "anvil_dropAllTransactions hardhat_dropAllTransactions",
  "anvil_dropTransaction",
  "anvil_dumpState hardhat_dumpState",
  "anvil_getAutomine hardhat_getAutomine",
  "anvil_getGenesisTime",
  "anvil_getIntervalMining",
  "anvil_impersonateAccount hardhat_impersonateAccount",
  "anvil_increaseTime evm_increaseTime",
  "anvil_loadState hardhat_loadState",
  "anvil_metadata",
  "anvil_mine hardhat_mine",
  "anvil_mine_detailed evm_mine_detailed",
  "anvil_nodeInfo",
  "anvil_removeBlockTimestampInterval hardhat_removeBlockTimestampInterval",
  "anvil_removePoolTransactions",
  "anvil_reorg",
  "anvil_reset hardhat_reset",
  "anvil_revert evm_revert",
  "anvil_rollback",
  "anvil_setAutomine evm_setAutomine",
  "anvil_setBalance hardhat_setBalance evm_setAccountBalance",
  "anvil_setBlockGasLimit evm_setBlockGasLimit",
  "anvil_setBlockTimestampInterval",
  "anvil_setChainId",
  "anvil_setCode hardhat_setCode evm_setAccountCode",
  "anvil_setCoinbase hardhat_setCoinbase",
  "anvil_setIntervalMining evm_setIntervalMining",
  "anvil_setLoggingEnabled hardhat_setLoggingEnabled",
  "anvil_setMinGasPrice hardhat_setMinGasPrice",
  "anvil_setNextBlockBaseFeePerGas hardhat_setNextBlockBaseFeePerGas",
  "anvil_setNextBlockPrevRandao hardhat_setPrevRandao",
  "anvil_setNextBlockTimestamp evm_setNextBlockTimestamp",
  "anvil_setNonce hardhat_setNonce evm_setAccountNonce",
  "anvil_setRpcUrl hardhat_setRpcUrl",
  "anvil_setStorageAt hardhat_setStorageAt evm_setAccountStorageAt",
  "anvil_setTime evm_setTime",
  "anvil_snapshot evm_snapshot",
  "anvil_stopImpersonatingAccount",
  "evm_mine",
  "hardhat_dropTransaction",
  "hardhat_metadata",
  "hardhat_setBlockTimestampInterval",
  "hardhat_stopImpersonatingAccount",
  "txpool_content",
  "txpool_contentFrom",
  "txpool_inspect",
  "txpool_status",
].map((line) => line.split(" "));

const CONTROL = ["anvil", "evm", "hardhat", "txpool"];

Deno.test("anvil, evm, hardhat and txpool have these methods and no others", () => {
  const registry = createRegistry(testTables(), { allow: CONTROL });
  const served = registry.methods.map(({ name }) => name).filter((name) => /^(anvil|evm|hardhat|txpool)_/.test(name));
  assertEquals(served, ROWS.flat().sort());
});

Deno.test("The names of one thing are names of one row", () => {
  const registry = createRegistry(testTables(), { allow: CONTROL });
  for (const [first = "", ...aliases] of ROWS) {
    for (const alias of aliases) {
      assertStrictEquals(registry.method(alias)?.params, registry.method(first)?.params, alias);
    }
  }
});

/** The results that Hardhat documents (hardhat.org, Hardhat Network reference); the other names of a row answer null. */
const HARDHAT_RESULTS: { readonly [name: string]: unknown } = {
  hardhat_dropTransaction: { type: "boolean" },
  hardhat_getAutomine: { type: "boolean" },
  hardhat_impersonateAccount: { const: true },
  hardhat_mine: { const: true },
  hardhat_reset: { const: true },
  hardhat_setBalance: { const: true },
  hardhat_setCode: { const: true },
  hardhat_setCoinbase: { const: true },
  hardhat_setLoggingEnabled: { const: true },
  hardhat_setMinGasPrice: { const: true },
  hardhat_setNextBlockBaseFeePerGas: { const: true },
  hardhat_setNonce: { const: true },
  hardhat_setPrevRandao: { const: true },
  hardhat_setStorageAt: { type: "boolean" },
  hardhat_stopImpersonatingAccount: { type: "boolean" },
};

Deno.test("Methods under Hardhat's names answer what Hardhat documents", () => {
  const registry = createRegistry(testTables(), { allow: CONTROL });
  for (const [name, result] of Object.entries(HARDHAT_RESULTS)) {
    assertEquals(registry.method(name)?.result.json, result, name);
  }
});

Deno.test("One control namespace does not bring another", () => {
  for (const namespace of CONTROL) {
    assertEquals(createRegistry(testTables(), { allow: [namespace] }).namespaces, [namespace, "rpc"].sort());
  }
});

Deno.test("eth_sendUnsignedTransaction is served only beside anvil or hardhat", () => {
  const served = (...allow: string[]) =>
    createRegistry(testTables(), { allow }).method("eth_sendUnsignedTransaction") !== undefined;
  assertEquals(served("eth", "net", "web3", "personal", "txpool", "evm"), false);
  assertEquals(served("anvil", "hardhat"), false);
  assert(served("eth", "anvil"));
  assert(served("eth", "hardhat"));
});
