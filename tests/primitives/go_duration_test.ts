import { assertEquals } from "@std/assert";
import { parseGoDuration } from "../../src/primitives/go_duration.ts";

Deno.test("Go's durations are read into milliseconds", () => {
  const cases: [string, number | undefined][] = [
    ["5s", 5_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["250ms", 250],
    ["10us", 0.01],
    ["0", 0],
    ["-1s", -1_000],
    ["+2s", 2_000],
    ["", undefined],
    ["5", undefined],
    ["s", undefined],
    ["5 s", undefined],
    ["1s2", undefined],
    ["five", undefined],
  ];
  for (const [text, milliseconds] of cases) assertEquals(parseGoDuration(text), milliseconds, text);
});
