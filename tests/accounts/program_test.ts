import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { runProgram } from "../main/run_program.ts";
import { captureLog, KEY, KEY_ADDRESS, keyBytes, PASSWORD, withFolder } from "./capture.ts";
import { Keystore } from "../../src/accounts/keystore.ts";
import { leaks, NEW_PASSWORD, WRONG_PASSWORD } from "./needles.ts";
import { closeSocket, openSocket } from "./socket.ts";

const DEV_ADDRESS = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

interface Paths {
  readonly keys: string;
  readonly passwords: string;
  /** What `deno run` must grant for them. */
  readonly permissions: readonly string[];
}

/** A keystore with the test key, and a password file with `password`. */
async function withKeystore(password: string, use: (paths: Paths) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const [keys, passwords] = [`${folder}/keys`, `${folder}/passwords`];
    const keystore = await Keystore.open({ folder: keys, light: true, log: captureLog() });
    await keystore.add(keyBytes(), { password: PASSWORD });
    await Deno.writeTextFile(passwords, `${password}\n`);
    await use({ keys, passwords, permissions: [`--allow-read=${keys},${passwords}`, `--allow-write=${keys}`] });
  });
}

/** Runs a start that must fail, and gives its exit code and the line that says why. */
async function failedStart(password: string, flags: readonly string[]): Promise<[code: number, line: string]> {
  let outcome: [number, string] = [-1, ""];
  await withKeystore(password, async ({ keys, passwords, permissions }) => {
    const { code, stdout, stderr } = await runProgram(
      ["--ws", "--ws.port", "0", "--keystore", keys, "--unlock", KEY_ADDRESS, "--password", passwords, ...flags],
      { permissions: ["--allow-net", ...permissions] },
    );
    assertEquals(leaks(stdout + stderr), []);
    outcome = [code, stderr.split("\n").find((line) => line.startsWith("Fatal: ")) ?? stderr];
  });
  return outcome;
}

Deno.test("The program refuses --unlock without the flag, in geth's words", async () => {
  assertEquals(await failedStart(PASSWORD, []), [1, "Fatal: Account unlock with HTTP access is forbidden!"]);
});

Deno.test("The program refuses a wrong --password, in geth's words", async () => {
  assertEquals(await failedStart(WRONG_PASSWORD, ["--allow-insecure-unlock"]), [
    1,
    `Fatal: Failed to unlock account ${KEY_ADDRESS} (could not decrypt key with given password)`,
  ]);
});

Deno.test("The program refuses to open a keystore account to everyone", async () => {
  const [code, line] = await failedStart(PASSWORD, [
    "--allow-insecure-unlock",
    "--ws.addr",
    "0.0.0.0",
    "--ws.origins",
    "*",
  ]);
  assertEquals(code, 1);
  assertStringIncludes(line, "Fatal: an unlocked account on 0.0.0.0 with origins * is open to everyone;");
});

Deno.test("The program signs with an unlocked key and prints no secret, whatever it is asked", async () => {
  await withKeystore(PASSWORD, async ({ keys, passwords, permissions }) => {
    const flags = ["--ws.api", "eth,personal", "--allow-insecure-unlock", "--lightkdf", "--verbosity", "5"];
    await using server = await ServerProcess.start({
      permissions,
      flags: [...flags, "--keystore", keys, "--unlock", KEY_ADDRESS, "--password", passwords],
    });
    const received: string[] = [];
    const { socket, call } = await openSocket(server.url, received);
    await call("eth_sendTransaction", { from: DEV_ADDRESS, to: KEY_ADDRESS, value: "0xde0b6b3a7640000" });
    const sent = await call("eth_sendTransaction", { from: KEY_ADDRESS, to: DEV_ADDRESS, value: "0x1" });
    assertEquals(sent.error, undefined);
    // The keystore is still written to after the sandbox has dropped what is not needed.
    const made = await call("personal_newAccount", NEW_PASSWORD);
    assertEquals(made.error, undefined);
    assertEquals((await call("personal_lockAccount", KEY_ADDRESS)).result, true);
    await call("personal_unlockAccount", KEY_ADDRESS, WRONG_PASSWORD);
    await call("personal_importRawKey", KEY, PASSWORD);
    await call("personal_importRawKey", [KEY], PASSWORD);
    await call("personal_sign", "0x00", KEY_ADDRESS, PASSWORD, PASSWORD);
    await call(PASSWORD);
    await closeSocket(socket);
    assertEquals(await server.stop(), 0);

    assertMatch(server.printed, /Unlocked account +address=0x2c7536E3605D9C16a7a3D7b1898e529396a65c23/);
    assertMatch(
      server.printed,
      /Unlocked accounts can be spent from +accounts=0x2c7536E3.*address=(localhost|127\.0\.0\.1)/,
    );
    assertMatch(server.printed, /Wrong account password/);
    assertStringIncludes(server.printed, `read=${keys}`);
    assertStringIncludes(server.printed, `write=${keys}`);
    assertEquals(leaks(server.printed), []);
    const written = [...Deno.readDirSync(keys)].map(({ name }) => Deno.readTextFileSync(`${keys}/${name}`));
    assertEquals(written.length, 2);
    assertEquals(leaks(written.join("\n")), []);
  });
});
