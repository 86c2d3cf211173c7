import { assertEquals } from "@std/assert";
import type { TraceCallOptions } from "../../../../src/eth/types.ts";
import { callTo, LOGS_TWICE, push, REVERTS_ABC } from "../../assembly.ts";
import { testChain } from "../../fixture.ts";
import { BOB, CODE, codes, type Frame, MORE_CODE, traceCall, traceTransaction } from "./fixture.ts";

const IDENTITY = `0x${"04".padStart(40, "0")}` as const;
/** Init code that deploys one zero byte. */
const DEPLOYS = "60015ff3";

async function frameOf(code: string, options: TraceCallOptions & { other?: string } = {}): Promise<Frame> {
  using chain = await testChain();
  const { other = LOGS_TWICE, ...rest } = options;
  return await traceCall<Frame>(chain, { to: CODE, gas: 500_000n }, {
    tracer: "callTracer",
    ...codes([CODE, code], [MORE_CODE, other]),
    ...rest,
  });
}

/** Keeps what a test is about. */
function brief(frame: Frame | undefined): unknown {
  return frame && [frame.type, frame.from, frame.to, frame.value, frame.error].filter((part) => part !== undefined);
}

Deno.test("Call tracer shows the outermost frame with the gas of the whole transaction", async () => {
  using chain = await testChain();
  const hash = await chain.send(1, { to: BOB, value: 5n, gas: 30_000n });
  assertEquals(await traceTransaction(chain, hash, { tracer: "callTracer" }), {
    from: chain.account(1).address,
    gas: "0x7530",
    gasUsed: "0x5208",
    to: BOB,
    input: "0x",
    value: "0x5",
    type: "CALL",
  });
});

Deno.test("Call tracer names caller and callee of each kind of call", async () => {
  const code = callTo(MORE_CODE) + callTo(MORE_CODE, { op: "callCode" }) + callTo(MORE_CODE, { op: "delegateCall" }) +
    callTo(BOB, { op: "staticCall" }) + "00";
  const { calls } = await frameOf(code, { other: "00" });
  assertEquals(calls?.map(brief), [
    ["CALL", CODE, MORE_CODE, "0x0"],
    ["CALLCODE", CODE, MORE_CODE, "0x0"],
    ["DELEGATECALL", CODE, MORE_CODE, "0x0"],
    ["STATICCALL", CODE, BOB],
  ]);
});

Deno.test("Call tracer shows what a precompile was given and gave", async () => {
  const code = "63deadbeef5f52" + callTo(IDENTITY, { input: 32, output: 32 }) + "5f5f5200";
  const [call] = (await frameOf(code)).calls ?? [];
  const word = `0x${"deadbeef".padStart(64, "0")}`;
  assertEquals([call?.input, call?.output, call?.gasUsed], [word, word, "0x12"]);
});

Deno.test("Call tracer shows creations with where they put their contract", async () => {
  const init = `63${DEPLOYS}5f52`;
  const code = `${init}6004601c5ff050` + `60076004601c5ff550`.repeat(2) + "00";
  const { calls } = await frameOf(code);
  const [created, again, collided] = calls ?? [];
  assertEquals([created?.type, created?.input, created?.output, created?.from], [
    "CREATE",
    `0x${DEPLOYS}`,
    "0x00",
    CODE,
  ]);
  assertEquals([again?.type, again?.error, again?.to?.length], ["CREATE2", undefined, 42]);
  assertEquals([collided?.type, collided?.error, collided?.to], ["CREATE2", "contract address collision", undefined]);
});

Deno.test("Call tracer shows calls that fail before they begin", async () => {
  const code = callTo(BOB, { value: 10n ** 20n }) + `5f5f${push(10n ** 20n)}f05000`;
  const [call, creation] = (await frameOf(code)).calls ?? [];
  assertEquals(brief(call), ["CALL", CODE, BOB, "0x56bc75e2d63100000", "insufficient balance for transfer"]);
  assertEquals([call?.gas, call?.gasUsed], [`0x${(100_000 + 2_300).toString(16)}`, "0x0"]);
  assertEquals([creation?.type, creation?.error, creation?.to], [
    "CREATE",
    "insufficient balance for transfer",
    undefined,
  ]);
});

Deno.test("Call tracer shows how deep calls may go", async () => {
  using chain = await testChain({ gasCap: 10n ** 12n });
  // Calls itself with nearly all it has.
  let frame: Frame | undefined = await traceCall<Frame>(chain, { to: CODE, gas: 10n ** 12n }, {
    tracer: "callTracer",
    timeout: "5m",
    ...codes([CODE, "5f5f5f5f5f305af15000"]),
  });
  let depth = 0;
  for (; frame?.calls?.[0] !== undefined; frame = frame.calls[0]) depth++;
  assertEquals([depth, frame?.error], [1025, "max call depth exceeded"]);
});

Deno.test("Call tracer tells why a frame failed, and what it reverted with", async () => {
  const calls = async (other: string) =>
    (await frameOf(callTo(MORE_CODE, { gas: 5_000 }) + "00", { other })).calls?.[0];
  const reverted = await calls(REVERTS_ABC);
  assertEquals([reverted?.error, reverted?.revertReason], ["execution reverted", "abc"]);
  assertEquals(reverted?.output?.slice(0, 10), "0x08c379a0");
  const halted = await calls("fe");
  assertEquals([halted?.error, halted?.gasUsed, halted?.output], ["invalid opcode: INVALID", "0x1388", undefined]);
  assertEquals((await calls("5b5f56"))?.error, "out of gas");
});

Deno.test("Call tracer shows logs where they were made, and none of what failed", async () => {
  const code = callTo(MORE_CODE) + "5f5fa0" + callTo(BOB) + "5f5fa0" + callTo(BOB, { value: 1n }) + "00";
  const { logs, calls } = await frameOf(code, { tracerConfig: { withLog: true } });
  assertEquals(logs?.map(({ address, position }) => [address, position]), [[CODE, "0x1"], [CODE, "0x2"]]);
  assertEquals(calls?.[0]?.logs?.map(({ position }) => position), ["0x0", "0x0"]);
  const indexes = [...calls?.[0]?.logs ?? [], ...logs ?? []].map(({ index }) => index);
  assertEquals(indexes, ["0x0", "0x1", "0x2", "0x3"]);
  const undone = await frameOf(callTo(MORE_CODE) + "5f5fa000", {
    other: "5f5fa05f5ffd",
    tracerConfig: { withLog: true },
  });
  assertEquals(undone.logs?.map(({ index }) => index), ["0x0"]);
  const failing = await frameOf(callTo(MORE_CODE) + "5f5fa05f5ffd", { tracerConfig: { withLog: true } });
  assertEquals([failing.logs, failing.calls?.[0]?.logs], [undefined, undefined]);
  assertEquals("logs" in await frameOf(code), false);
});

Deno.test("Call tracer leaves out what is within the outermost frame, when asked to", async () => {
  const code = callTo(MORE_CODE) + "5f5fa000";
  const frame = await frameOf(code, { tracerConfig: { onlyTopCall: true, withLog: true } });
  assertEquals([frame.calls, frame.logs?.length], [undefined, 1]);
});

Deno.test("Call tracer shows who gets what a destroyed contract had", async () => {
  using chain = await testChain();
  const destroys = await chain.deploy(1, `73${BOB.slice(2)}ff`);
  const hash = await chain.send(1, { to: destroys, value: 7n, gas: 100_000n });
  const { calls } = await traceTransaction<Frame>(chain, hash, { tracer: "callTracer" });
  assertEquals(calls, [{
    from: destroys,
    gas: "0x0",
    gasUsed: "0x0",
    to: BOB,
    input: "0x",
    value: "0x7",
    type: "SELFDESTRUCT",
  }]);
});

Deno.test("4byte tracer counts functions by selector and size of arguments", async () => {
  using chain = await testChain();
  const code = "63deadbeef60e01b5f52" + callTo(BOB, { input: 36 }) + callTo(BOB, { input: 36 }) +
    callTo(IDENTITY, { input: 36 }) + callTo(BOB, { input: 3 }) + "00";
  const options = { tracer: "4byteTracer", ...codes([CODE, code]) };
  assertEquals(await traceCall(chain, { to: CODE, input: "0x12345678" }, options), {
    "0x12345678-0": 1,
    "0xdeadbeef-32": 2,
  });
});
