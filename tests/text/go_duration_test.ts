import { assertEquals } from "@std/assert";
import { formatGoDuration, parseGoDuration } from "../../src/text/go_duration.ts";

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

Deno.test("Milliseconds are written as Go prints a duration", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [250, "250ms"],
    [1_500, "1.5s"],
    [5_000, "5s"],
    [60_000, "1m0s"],
    [90_500, "1m30.5s"],
    [7_200_000, "2h0m0s"],
  ];
  for (const [milliseconds, text] of cases) {
    assertEquals(formatGoDuration(milliseconds), text);
    assertEquals(parseGoDuration(text), milliseconds);
  }
});
