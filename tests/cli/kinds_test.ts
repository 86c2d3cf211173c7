import { assertEquals } from "@std/assert";
import { boolean, duration, ether, insecureUnlock, integer, list, pathPrefix, size } from "../../src/cli/kinds.ts";
import { FLAG_ROWS } from "../../src/cli/mod.ts";

Deno.test("boolean reads what Go's ParseBool reads and nothing else", () => {
  assertEquals(["1", "t", "T", "true", "TRUE", "True"].map(boolean.parse), Array(6).fill(true));
  assertEquals(["0", "f", "F", "false", "FALSE", "False"].map(boolean.parse), Array(6).fill(false));
  assertEquals(["", "yes", "tRUE", "toString"].map(boolean.parse), Array(4).fill(undefined));
});

Deno.test("integer reads decimal digits within its bounds", () => {
  const port = integer("PORT", { max: 65_535 });
  assertEquals(["0", "8546", "65535", "007"].map(port.parse), [0, 8546, 65_535, 7]);
  assertEquals(
    ["65536", "-1", "+1", "1.0", "0x1", "1e3", " 1", "", "9".repeat(400)].map(port.parse),
    Array(9).fill(undefined),
  );
  assertEquals(integer("COUNT", { min: 1 }).parse("0"), undefined);
});

Deno.test("duration reads Go's notation into milliseconds", () => {
  assertEquals(["5s", "1m30s", "500ms", "1.5s", "2h", "0", "0s"].map(duration.parse), [
    5000,
    90_000,
    500,
    1500,
    7_200_000,
    0,
    0,
  ]);
  assertEquals(["5", "s", "5 s", "-5s", "5d", ""].map(duration.parse), Array(6).fill(undefined));
});

Deno.test("size reads plain bytes and binary units within its bounds", () => {
  const kind = size({ min: 1024, max: 64 * 2 ** 20 });
  assertEquals(["1024", "1KiB", "32MiB", "67108864"].map(kind.parse), [1024, 1024, 33_554_432, 67_108_864]);
  assertEquals(["1023", "65MiB", "1MB", "1.5MiB", "-1KiB", ""].map(kind.parse), Array(6).fill(undefined));
});

Deno.test("ether reads decimals exactly into wei", () => {
  assertEquals(["0", "1", "0.5", "0.000000000000000001"].map(ether.parse), [0n, 10n ** 18n, 5n * 10n ** 17n, 1n]);
  assertEquals(["", ".5", "1.", "-1", "1e3", "0.0000000000000000001"].map(ether.parse), Array(6).fill(undefined));
});

Deno.test("list trims words and drops empty ones", () => {
  assertEquals(list("WORDS").parse(" eth, net ,,web3,"), ["eth", "net", "web3"]);
  assertEquals(list("WORDS").parse(" , "), []);
});

Deno.test("pathPrefix wants a leading slash and no query or fragment", () => {
  assertEquals(["", "/", "/rpc/v1"].map(pathPrefix.parse), ["", "/", "/rpc/v1"]);
  assertEquals(["rpc", "/a?b", "/a#b", "/a b"].map(pathPrefix.parse), Array(4).fill(undefined));
});

Deno.test("insecureUnlock reads a switch, and public", () => {
  assertEquals(["true", "1", "false", "public"].map(insecureUnlock.parse), ["on", "on", "off", "public"]);
  assertEquals(["Public", "all", ""].map(insecureUnlock.parse), Array(3).fill(undefined));
});

Deno.test("every default in the flag table is written as a text that reads back to it", () => {
  for (const [name, { kind, default: value }] of FLAG_ROWS) {
    if (value !== undefined) assertEquals(kind.parse(kind.format(value)), value, name);
  }
});
