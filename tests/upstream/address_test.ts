import { assertEquals, assertThrows } from "@std/assert";
import { readAddress, UpstreamAddressError } from "../../src/upstream/address.ts";

Deno.test("readAddress keeps credentials and keys out of what is shown", () => {
  const address = readAddress("wss://user:p%40ss@node.example/v3/KEY?token=SECRET#x", { "x-api": "SECRET" });
  assertEquals(address, {
    kind: "ws",
    url: "wss://node.example/v3/KEY?token=SECRET",
    headers: { authorization: `Basic ${btoa("user:p@ss")}`, "x-api": "SECRET" },
    shown: "wss://node.example",
    grant: "node.example:443",
  });
});

Deno.test("readAddress fills in the port that a permission needs", () => {
  const grants = ["ws://a", "ws://a:8546", "http://a", "https://a/x", "wss://[::1]:1"].map((url) =>
    readAddress(url).grant
  );
  assertEquals(grants, ["a:80", "a:8546", "a:80", "a:443", "[::1]:1"]);
});

Deno.test("readAddress takes the path of a geth.ipc", () => {
  const { kind, url, grant } = readAddress("/data/geth.ipc");
  assertEquals([kind, url, grant], ["ipc", "/data/geth.ipc", "unix:/data/geth.ipc"]);
});

Deno.test("readAddress refuses what is no upstream, without repeating it", () => {
  for (const text of ["", "localhost:8545", "ftp://user:SECRET@a", "ws://", "SECRET"]) {
    const error = assertThrows(
      () => readAddress(text),
      UpstreamAddressError,
      "expected ws://, wss://, http:// or https://",
    );
    assertEquals(error.message.includes("SECRET"), false);
  }
});
