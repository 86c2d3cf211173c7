import { assertEquals, assertRejects } from "@std/assert";
import type { Fork } from "../../src/evm/forks.ts";
import type { Message } from "../../src/evm/message.ts";
import { TransactionError } from "../../src/evm/transaction_error.ts";
import { applyMessage } from "../../src/evm/transition.ts";
import { env, genesis, machine, messageWith, worldWith } from "./fixture.ts";

const SENDER = "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa";
const AUTHORIZATION = { chainId: 0n, address: env.coinbase, nonce: 0n, yParity: 0n, r: 1n, s: 1n };

/** The kind and the text with which a message is refused in a fork. */
async function refusal(fork: Fork, changes: Partial<Message>, gasAvailable?: bigint): Promise<[string, string]> {
  const rules = genesis.forks.of(fork);
  const baseFee = rules.has("london") ? env.baseFee : undefined;
  const block = { ...env, baseFee, rules: { at: () => rules } };
  const error = await assertRejects(
    () =>
      machine.run(
        worldWith(""),
        block,
        (execution) => applyMessage(execution, messageWith({ accessList: undefined, ...changes }), { gasAvailable }),
      ),
    TransactionError,
  );
  return [error.kind, error.message];
}

Deno.test("a message with a field of a later fork is refused with the type that it would be", async () => {
  const refused = (
    type: string,
  ) => ["typeNotSupported", `transaction type not supported: ${type} tx (sender ${SENDER})`];
  assertEquals(await refusal("istanbul", { accessList: [] }), refused("access list"));
  assertEquals(await refusal("shanghai", { blobHashes: [] }), refused("blob"));
  assertEquals(await refusal("shanghai", { blobFeeCap: 1n }), refused("blob"));
  assertEquals(await refusal("cancun", { authorizations: [AUTHORIZATION] }), refused("setcode"));
});

Deno.test("init code that is too long is found before the gas of the block and the sender's funds are", async () => {
  const long = { to: null, data: new Uint8Array(49_153), gasLimit: 10n ** 12n };
  const tooLarge = ["initCodeTooLarge", "max initcode size exceeded: code size 49153 limit 49152"];
  assertEquals(await refusal("shanghai", long, 0n), tooLarge);
  assertEquals(await refusal("paris", long, 0n), ["gasLimitReached", "gas limit reached"]);
});

Deno.test("the gas of the block is found too little before the sender's funds are", async () => {
  const poor = { from: env.coinbase };
  assertEquals((await refusal("cancun", poor, 1n))[0], "gasLimitReached");
  assertEquals((await refusal("cancun", poor))[0], "insufficientFunds");
});
