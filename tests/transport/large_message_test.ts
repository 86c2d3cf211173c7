import { assertEquals } from "@std/assert";
import { serve } from "./fixture.ts";
import { RawClient } from "./raw_client.ts";

const MIB = 1024 * 1024;

Deno.test("Connection keeps a message over the send buffer, and what follows it while it waits", async () => {
  await using server = await serve({
    sendBufferBytes: MIB,
    onMessage: ({ connection }) => {
      for (const text of ["x".repeat(1000), "y".repeat(2 * MIB), "z"]) connection.send(text);
    },
  });
  using client = await RawClient.connect(server.listener.port);
  await client.send("go");
  assertEquals([await client.text(), await client.text(), await client.text()].map((text) => text?.length), [
    1000,
    2 * MIB,
    1,
  ]);
});
