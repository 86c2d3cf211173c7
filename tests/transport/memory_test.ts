import { assertEquals } from "@std/assert";
import type { Connection } from "../../src/rpc/connection.ts";
import { connectMemory } from "../../src/transport/mod.ts";

function echo(record: { closed: number; connection?: Connection }) {
  return (connection: Connection) => {
    record.connection = connection;
    return {
      message: (data: string | Uint8Array) => connection.send(`echo ${data}`),
      closed: () => void record.closed++,
      drain: () => Promise.resolve(),
      cancel: () => {},
    };
  };
}

Deno.test("connectMemory carries messages both ways in order", async () => {
  const client = connectMemory(echo({ closed: 0 }));
  client.send("a");
  client.send("b");
  assertEquals([...client.received], ["echo a", "echo b"]);
  assertEquals([await client.next(), await client.next()], ["echo a", "echo b"]);
  const later = client.next();
  client.send("c");
  assertEquals(await later, "echo c");
});

Deno.test("connectMemory tells the handler once that the client closed, and delivers nothing after", async () => {
  const record = { closed: 0 } as { closed: number; connection?: Connection };
  const client = connectMemory(echo(record), { origin: "http://app" });
  const waiting = client.next();
  client.close();
  client.close();
  record.connection?.send("late");
  assertEquals(await waiting, null);
  assertEquals(await client.next(), null);
  assertEquals(record.closed, 1);
  assertEquals(record.connection?.peer, { address: "memory", origin: "http://app", principal: null });
});

Deno.test("connectMemory shows the client how the server closed", async () => {
  const record = { closed: 0 } as { closed: number; connection?: Connection };
  const client = connectMemory(echo(record));
  record.connection?.send("last");
  record.connection?.close(4008, "slow consumer");
  record.connection?.close(1000, "again");
  assertEquals(client.ended, { code: 4008, reason: "slow consumer" });
  assertEquals([await client.next(), await client.next()], ["last", null]);
  client.send("into the void");
  assertEquals(record.closed, 1);
});
