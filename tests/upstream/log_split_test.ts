import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "../../src/rpc/error.ts";
import { RawJson } from "../../src/rpc/raw_json.ts";
import { LogSplitter } from "../../src/upstream/log_split.ts";

/** An upstream with one log a block that refuses what `refuse` says. */
function upstream(refuse: (from: bigint, to: bigint) => string | null) {
  const asked: [bigint, bigint][] = [];
  return {
    asked,
    ask(from: bigint, to: bigint): Promise<RawJson> {
      asked.push([from, to]);
      const reason = refuse(from, to);
      if (reason !== null) return Promise.reject(new RpcError(-32005, reason));
      return Promise.resolve(
        RawJson.of(Array.from({ length: Number(to - from) + 1 }, (_, index) => Number(from) + index)),
      );
    },
  };
}

const ALL = Array.from({ length: 100 }, (_, index) => index);

Deno.test("LogSplitter asks once where the upstream admits it", async () => {
  const { ask, asked } = upstream(() => null);
  assertEquals((await new LogSplitter().ask(0n, 99n, ask)).decode(), ALL);
  assertEquals(asked.length, 1);
});

Deno.test("LogSplitter learns a limit that is stated and keeps to it", async () => {
  const { ask, asked } = upstream((from, to) =>
    to - from >= 30n ? "eth_getLogs is limited to a 30 blocks range" : null
  );
  const splitter = new LogSplitter();
  assertEquals((await splitter.ask(0n, 99n, ask)).decode(), ALL);
  assertEquals(splitter.span, 30n);
  asked.length = 0;
  assertEquals((await splitter.ask(0n, 59n, ask)).decode(), ALL.slice(0, 60));
  assertEquals(asked, [[0n, 29n], [30n, 59n]]);
});

Deno.test("LogSplitter halves a range whose limit is not stated, and takes a range that is suggested", async () => {
  const plain = upstream((from, to) => to - from >= 30n ? "block range too large" : null);
  assertEquals((await new LogSplitter().ask(0n, 99n, plain.ask)).decode(), ALL);
  const hinting = upstream((from, to) =>
    to - from >= 40n
      ? `query exceeds max results 40, retry with the range 0x${from.toString(16)}-0x${(from + 39n).toString(16)}`
      : null
  );
  const splitter = new LogSplitter();
  assertEquals((await splitter.ask(0n, 99n, hinting.ask)).decode(), ALL);
  assertEquals(hinting.asked[1], [0n, 39n]);
  assertEquals(splitter.span, null, "a limit on the results is no rule for other queries");
});

Deno.test("LogSplitter hands on every other error, and one that a single block causes", async () => {
  const other = upstream(() => "historical state is not available");
  await assertRejects(() => new LogSplitter().ask(0n, 99n, other.ask), RpcError, "historical state");
  const always = upstream(() => "block range too large");
  await assertRejects(() => new LogSplitter().ask(5n, 5n, always.ask), RpcError, "block range too large");
});
