import { assert, assertEquals } from "@std/assert";
import { type OpenRpcDocument, openRpcDocument } from "../../src/rpc/openrpc.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
import { Ajv } from "../clients/ajv.ts";
import { jsonSchemaSchema, openRpcSchema } from "../clients/openrpc.ts";
import { testTables } from "../support/tables.ts";

/**
 * The parameters of the official methods (github.com/ethereum/execution-apis, src/eth/*.yaml), with their words run
 * together as an identifier; `?` marks those that may be left out. Where this server takes more behind them, as geth
 * does, they come first.
 */
const OFFICIAL: Readonly<Record<string, readonly string[]>> = {
  eth_accounts: [],
  eth_baseFee: [],
  eth_blobBaseFee: [],
  eth_blockNumber: [],
  eth_call: ["transaction", "block?"],
  eth_chainId: [],
  eth_coinbase: [],
  eth_createAccessList: ["transaction", "block?"],
  eth_estimateGas: ["transaction", "block?"],
  eth_feeHistory: ["blockCount", "newestBlock", "rewardPercentiles"],
  eth_fillTransaction: ["transaction"],
  eth_gasPrice: [],
  eth_getBalance: ["address", "block?"],
  eth_getBlockByHash: ["blockHash", "hydratedTransactions"],
  eth_getBlockByNumber: ["block", "hydratedTransactions"],
  eth_getBlockReceipts: ["block"],
  eth_getBlockTransactionCountByHash: ["blockHash"],
  eth_getBlockTransactionCountByNumber: ["block"],
  eth_getCode: ["address", "block?"],
  eth_getFilterChanges: ["filterIdentifier"],
  eth_getFilterLogs: ["filterIdentifier"],
  eth_getHeaderByHash: ["blockHash"],
  eth_getHeaderByNumber: ["block"],
  eth_getLogs: ["filter"],
  // The specification requires the block; geth does not, and clients leave it out.
  eth_getProof: ["address", "storageKeys", "block?"],
  eth_getStorageAt: ["address", "storageSlot", "block?"],
  eth_getTransactionByBlockHashAndIndex: ["blockHash", "transactionIndex"],
  eth_getTransactionByBlockNumberAndIndex: ["block", "transactionIndex"],
  eth_getTransactionByHash: ["transactionHash"],
  eth_getTransactionCount: ["address", "block?"],
  eth_getTransactionReceipt: ["transactionHash"],
  eth_maxPriorityFeePerGas: [],
  eth_newBlockFilter: [],
  eth_newFilter: ["filter"],
  eth_newPendingTransactionFilter: [],
  eth_sendRawTransaction: ["transaction"],
  eth_sendTransaction: ["transaction"],
  eth_sign: ["address", "message"],
  eth_signTransaction: ["transaction"],
  eth_simulateV1: ["payload", "blockTag?"],
  eth_syncing: [],
  eth_uninstallFilter: ["filterIdentifier"],
};

function serverDocument(): OpenRpcDocument {
  const tables = testTables();
  const registry = createRegistry(tables, { allow: tables.map(({ namespace }) => namespace) });
  return JSON.parse(JSON.stringify(openRpcDocument(registry, { title: "Sallyport", version: "1.0.0" })));
}

Deno.test("The server's OpenRPC document is valid by the OpenRPC meta-schema", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addMetaSchema(jsonSchemaSchema);
  // The one schema refers to the other by two spellings of its address.
  ajv.addSchema({ $ref: "https://meta.json-schema.tools/" }, "https://meta.json-schema.tools");
  const validate = ajv.compile(openRpcSchema);
  const document = serverDocument();
  assertEquals([validate(document), validate.errors], [true, null]);
  assertEquals(validate({ ...document, methods: [{ name: "eth_x" }] }), false);
});

Deno.test("Every schema in the server's OpenRPC document compiles", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const { name, params, result } of serverDocument().methods) {
    for (const { schema } of [...params, result]) assert(ajv.validateSchema(schema), `${name}: ${ajv.errorsText()}`);
  }
});

Deno.test("No method of the server's OpenRPC document comes twice, or two of its parameters under one name", () => {
  const { methods } = serverDocument();
  assertEquals(new Set(methods.map(({ name }) => name)).size, methods.length);
  for (const { name, params } of methods) {
    assertEquals(new Set(params.map(({ name }) => name)).size, params.length, name);
  }
});

Deno.test("Parameters have the names and places of the official specification", () => {
  const served = new Map(
    serverDocument().methods.map(({ name, params }) => [
      name,
      params.map(({ name, required }) => name + (required ? "" : "?")),
    ]),
  );
  for (const [method, official] of Object.entries(OFFICIAL)) {
    const ours = served.get(method);
    assertEquals(ours?.slice(0, official.length), official, method);
    const beyond = ours?.slice(official.length) ?? [];
    assertEquals(beyond.filter((name) => !name.endsWith("?")), [], `${method} requires more than the specification`);
  }
});
