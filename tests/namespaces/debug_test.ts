import { assert, assertEquals } from "@std/assert";
import { encodeDeployData, encodeFunctionData, type Hex } from "../clients/viem.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { CheckedClient } from "../support/checked_client.ts";

const SINK = `0x${"5e".repeat(20)}` as const;
const UNKNOWN = `0x${"ff".repeat(32)}` as const;

const TRACERS: readonly object[] = [
  {},
  { enableMemory: true, enableReturnData: true, disableStack: true, disableStorage: true },
  { tracer: "callTracer", tracerConfig: { withLog: true } },
  { tracer: "callTracer", tracerConfig: { onlyTopCall: true } },
  { tracer: "prestateTracer" },
  { tracer: "prestateTracer", tracerConfig: { diffMode: true, disableCode: true } },
  { tracer: "4byteTracer", timeout: "10s" },
  { tracer: "noopTracer" },
  { tracer: "flatCallTracer" },
  { tracer: "erc7562Tracer", tracerConfig: { withLog: true } },
  { tracer: "keccak256PreimageTracer" },
  { tracer: "muxTracer", tracerConfig: { callTracer: { withLog: true }, "4byteTracer": null } },
];

async function deployed(client: CheckedClient): Promise<{ owner: Hex; token: Hex; hash: Hex; blockHash: Hex }> {
  const owner = client.chain.accounts[0]?.address;
  assert(owner !== undefined);
  const data = encodeDeployData({ abi: TOKEN_ABI, bytecode: TOKEN_BYTECODE, args: [1_000_000n] });
  const created = await client.call<Hex>("eth_sendTransaction", { from: owner, data });
  const { contractAddress: token } = await client.call<{ contractAddress: Hex }>("eth_getTransactionReceipt", created);
  const hash = await client.call<Hex>("eth_sendTransaction", { from: owner, to: token, input: transfer(1n) });
  const { blockHash } = await client.call<{ blockHash: Hex }>("eth_getTransactionReceipt", hash);
  return { owner, token, hash, blockHash };
}

function transfer(amount: bigint): Hex {
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: "transfer", args: [SINK, amount] });
}

Deno.test("Every row of debug and testing answers with a result of its own shape", async () => {
  using client = await CheckedClient.open();
  const { owner, token, hash, blockHash } = await deployed(client);
  for (const config of TRACERS) {
    const result = await client.call("debug_traceTransaction", hash, config);
    const block = [{ txHash: hash, result }];
    assertEquals(await client.call("debug_traceBlockByHash", blockHash, config), block);
    assertEquals(await client.call("debug_traceBlockByNumber", "latest", config), block);
    await client.call("debug_traceCall", { from: owner, to: token, input: transfer(2n) }, "latest", config);
  }
  const raw = await client.call<Hex>("debug_getRawBlock", "latest");
  const header = await client.call<Hex>("debug_getRawHeader", { blockHash });
  assert(raw.includes(header.slice(2)));
  assertEquals(await client.call("debug_getRawTransaction", UNKNOWN), "0x");
  const transaction = await client.call<Hex>("debug_getRawTransaction", hash);
  assert(raw.includes(transaction.slice(2)));
  assertEquals((await client.call<Hex[]>("debug_getRawReceipts", blockHash)).length, 1);
  assertEquals(await client.call("debug_getRawHeader", "0xffff"), "0x");
  assertEquals(await client.call("debug_getRawBlock", "0xffff"), "0x");
  assertEquals(await client.call("debug_getRawReceipts", "0xffff"), null);
  assertEquals(await client.call("debug_getBadBlocks"), []);
  const head = await client.call<{ timestamp: Hex }>("eth_getBlockByHash", blockHash, false);
  const attributes = {
    timestamp: `0x${(BigInt(head.timestamp) + 12n).toString(16)}`,
    prevRandao: UNKNOWN,
    suggestedFeeRecipient: SINK,
    withdrawals: [],
    parentBeaconBlockRoot: UNKNOWN,
  };
  const built = await client.call<{ executionPayload: { blockHash: Hex } }>(
    "testing_buildBlockV1",
    ...[blockHash, attributes, null, "0x00"],
  );
  const committed = await client.call("testing_commitBlockV1", attributes, null, "0x00");
  assertEquals(committed, built.executionPayload.blockHash);
  const inspections: readonly (readonly [method: string, ...params: unknown[]])[] = [
    ["debug_accountRange", "latest", "0x", 9, false, false, false],
    ["debug_dumpBlock", "0x1"],
    ["debug_gcStats"],
    ["debug_getAccessibleState", "0x0", "0x1"],
    ["debug_getModifiedAccountsByHash", blockHash],
    ["debug_getModifiedAccountsByNumber", 0, 1],
    ["debug_intermediateRoots", blockHash],
    ["debug_memStats"],
    ["debug_printBlock", 1],
    ["debug_storageRangeAt", blockHash, 0, SINK, "0x", 9],
    ["debug_traceBlock", await client.call("debug_getRawBlock", blockHash)],
    ["debug_setHead", "0x0"],
  ];
  for (const [method, ...params] of inspections) await client.call(method, ...params);
  const unseen = client.methods.filter((name) => /^(debug|testing)_/.test(name) && !client.answered.has(name));
  // Its result is null.
  assertEquals(unseen, ["debug_setHead"]);
});

Deno.test("A trace of what does not exist fails with geth's words", async () => {
  using client = await CheckedClient.open();
  const failures: [string, ...unknown[]][] = [
    ["transaction not found", "debug_traceTransaction", UNKNOWN],
    ["genesis is not traceable", "debug_traceBlockByNumber", "0x0"],
    ["genesis is not traceable", "debug_traceBlockByNumber", "earliest", {}],
    ["block #255 not found", "debug_traceBlockByNumber", "0xff"],
    [`block ${UNKNOWN} not found`, "debug_traceBlockByHash", UNKNOWN],
    [`block ${UNKNOWN} not found`, "debug_traceCall", {}, UNKNOWN],
    ["tracing on top of pending is not supported", "debug_traceCall", {}, "pending"],
    ["parentHash is not current head", "testing_buildBlockV1", UNKNOWN, {
      timestamp: "0x1",
      prevRandao: UNKNOWN,
      suggestedFeeRecipient: SINK,
    }],
  ];
  for (const [message, method, ...params] of failures) {
    assertEquals(await client.failure(method as string, ...params), { code: -32000, message: String(message) });
  }
});

Deno.test("A tracer that this server does not have is named, with those that it has", async () => {
  using client = await CheckedClient.open();
  assertEquals(await client.failure("debug_traceCall", {}, "latest", { tracer: "{step: function() {}}" }), {
    code: -32000,
    message: 'tracer "{step: function() {}}" not found: JavaScript tracers are not supported, ' +
      "only callTracer, prestateTracer, 4byteTracer, flatCallTracer, muxTracer, erc7562Tracer, " +
      "keccak256PreimageTracer, noopTracer",
  });
  const wrong = { tracer: "callTracer", tracerConfig: { onlyTopCall: 1 } };
  assertEquals(await client.failure("debug_traceCall", {}, "latest", wrong), {
    code: -32000,
    message: "json: cannot unmarshal number into Go struct field callTracerConfig.onlyTopCall of type bool",
  });
  const contradiction = { tracer: "prestateTracer", tracerConfig: { diffMode: true, includeEmpty: true } };
  assertEquals(await client.failure("debug_traceCall", {}, "latest", contradiction), {
    code: -32000,
    message: "cannot use diffMode with includeEmpty",
  });
  const inner = { tracer: "muxTracer", tracerConfig: { flatCallTracer: { includePrecompiles: "yes" } } };
  assertEquals(await client.failure("debug_traceCall", {}, "latest", inner), {
    code: -32000,
    message: "json: cannot unmarshal string into Go struct field flatCallTracerConfig.includePrecompiles of type bool",
  });
  assertEquals(await client.failure("debug_traceCall", {}, "latest", { timeout: "soon" }), {
    code: -32000,
    message: 'time: invalid duration "soon"',
  });
});
