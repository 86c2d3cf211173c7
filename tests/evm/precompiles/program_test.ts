import { assertEquals } from "@std/assert";
import { chainOf, startSallyport } from "../fuzz/peers.ts";
import own from "./own_vectors.json" with { type: "json" };
import { addressOf } from "./vectors.ts";

Deno.test("the program runs every precompiled contract after it has given its permissions back", async () => {
  await using program = await startSallyport(chainOf("osaka"));
  for (const { address, fork, input, output, fault } of own) {
    if (fork !== "osaka") continue;
    const call = { to: addressOf(address), input: `0x${input}` };
    const answer = await program.ask("eth_call", [call, "latest"]);
    const outcome = "result" in answer ? answer.result : answer.error.message;
    assertEquals(outcome, fault ?? `0x${output}`, `0x${address.toString(16)}`);
  }
});
