import { assert, assertEquals } from "@std/assert";
import { createFormatter, type LogLevelName } from "../../src/app/log_format.ts";
import type { CapturedLog } from "../accounts/capture.ts";
import { KEY, KEY_ADDRESS, PASSWORD } from "../accounts/capture.ts";
import { leaks, NEW_PASSWORD, WRONG_PASSWORD } from "../accounts/needles.ts";
import { type AccountServer, DEV, STRANGER, withAccountServer } from "./account_server.ts";

const MESSAGE = "0x6d657373616765";

/** Every line of the log in every form that the program prints, and whatever its fields hold below that. */
function printed({ lines }: CapturedLog): string {
  const formats = (["terminal", "logfmt", "json"] as const).map((format) => createFormatter(format, { color: false }));
  return lines.flatMap(({ level, message, fields }) => {
    const line = { level: level as LogLevelName, time: new Date(0), category: "accounts", message, fields };
    return [...formats.map((format) => format(line)), Deno.inspect(line, { depth: 20, showHidden: true })];
  }).join("\n");
}

/** Calls everything that takes a key or a password, rightly and wrongly, with handlers that crash in between. */
async function useSecrets({ call, ledger }: AccountServer): Promise<void> {
  const request = { from: KEY_ADDRESS, to: STRANGER };
  await call("personal_importRawKey", KEY, PASSWORD);
  await call("personal_importRawKey", KEY, PASSWORD);
  await call("personal_importRawKey", `0x${KEY}`, PASSWORD);
  await call("personal_importRawKey", `${KEY}0`, PASSWORD);
  await call("personal_importRawKey", { key: KEY }, PASSWORD);
  await call("personal_importRawKey", KEY, { password: PASSWORD });
  await call("personal_newAccount", NEW_PASSWORD);
  await call("personal_newAccount", NEW_PASSWORD, NEW_PASSWORD);
  await call("personal_unlockAccount", PASSWORD, KEY_ADDRESS);
  await call("personal_unlockAccount", KEY_ADDRESS, WRONG_PASSWORD);
  await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD, PASSWORD);
  await call("personal_sign", MESSAGE, KEY_ADDRESS, WRONG_PASSWORD);
  await call("personal_sign", MESSAGE, PASSWORD, KEY_ADDRESS);
  await call("personal_sendTransaction", request, WRONG_PASSWORD);
  await call("personal_sendTransaction", { ...request, gas: PASSWORD }, PASSWORD);
  assertEquals((await call("personal_sendTransaction", request, PASSWORD)).error, undefined);
  assertEquals((await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD)).result, true);
  for (const from of [KEY_ADDRESS, DEV.address]) {
    assertEquals((await call("eth_sendTransaction", { from, to: STRANGER })).error, undefined);
    ledger.failure = new Error("the pool crashed");
    assertEquals((await call("eth_sendTransaction", { from, to: STRANGER })).error?.code, -32603);
    assertEquals((await call("personal_sendTransaction", { ...request, from }, PASSWORD)).error !== undefined, true);
    ledger.failure = undefined;
    await call("eth_sign", from, MESSAGE);
    await call("eth_signTypedData_v4", from, { message: 1 });
  }
  await call("personal_listWallets");
  await call("personal_lockAccount", KEY_ADDRESS);
}

Deno.test("No key and no password is in a log line, an answer or a file", async () => {
  await withAccountServer({ keystore: true }, async (server) => {
    await useSecrets(server);
    const log = printed(server.log);
    assert(log.includes("Wrong account password") && log.includes("the pool crashed"), log);
    assertEquals(leaks(log), []);
    assertEquals(leaks(server.received.join("\n")), []);
    const files = [...Deno.readDirSync(server.folder)].map(({ name }) => `${server.folder}/${name}`);
    assertEquals(files.length, 2);
    for (const file of files) assertEquals(leaks(file + Deno.readTextFileSync(file)), []);
  });
});

Deno.test("The search for secrets finds each of them", () => {
  const key = Uint8Array.fromHex(KEY);
  for (const secret of [KEY.toUpperCase(), DEV.privateKey, PASSWORD, WRONG_PASSWORD, Deno.inspect({ key })]) {
    assert(leaks(`a line with ${secret} in it`).length > 0, secret);
  }
});
