import { assertEquals, assertRejects } from "@std/assert";
import { StartRefused } from "../../src/accounts/errors.ts";
import { Keystore } from "../../src/accounts/keystore.ts";
import {
  type AccountManager,
  createAccounts,
  type Exposure,
  readPasswords,
  unlockAtStart,
} from "../../src/accounts/mod.ts";
import { type CapturedLog, captureLog, KEY_ADDRESS, keyBytes, PASSWORD, withFolder } from "./capture.ts";

const SECOND_KEY = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const SECOND_ADDRESS = "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b";
const DEV = {
  address: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  privateKey: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
} as const;

interface Start {
  unlock: string[];
  passwords?: string[];
  exposure?: Partial<Exposure>;
}

/** Runs a start on a keystore with two keys, whose passwords are PASSWORD and "second". */
async function withStart(
  { unlock, passwords, exposure }: Start,
  use: (start: { run(): Promise<void>; accounts: AccountManager; log: CapturedLog }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const log = captureLog();
    const keystore = await Keystore.open({ folder, light: true, log });
    await keystore.add(keyBytes(), { password: PASSWORD });
    await keystore.add(Uint8Array.fromHex(SECOND_KEY), { password: "second" });
    const accounts = await createAccounts({
      devAccounts: [DEV],
      keystore: { folder, light: true },
      exposure: { networkEndpoint: true, insecureUnlock: "on", address: "127.0.0.1", origins: [], ...exposure },
      log,
    });
    try {
      await use({ run: () => unlockAtStart(accounts, { unlock, passwords, log }), accounts, log });
    } finally {
      accounts.close();
    }
  });
}

async function refusal(start: Start): Promise<string> {
  let message = "";
  await withStart(start, async ({ run, accounts }) => {
    message = (await assertRejects(run, StartRefused)).message;
    // A start that is refused by the guard has not opened anything.
    if (!message.includes("Failed to unlock")) assertEquals(accounts.unlockedAddresses(), []);
  });
  return message;
}

Deno.test("--unlock opens each account with its line, the last line serving for the rest", async () => {
  await withStart({ unlock: [KEY_ADDRESS, SECOND_ADDRESS], passwords: [PASSWORD, "second"] }, async (start) => {
    await start.run();
    assertEquals(start.accounts.unlockedAddresses(), [KEY_ADDRESS, SECOND_ADDRESS]);
    assertEquals(start.log.lines, [
      { level: "info", message: "Unlocked account", fields: { address: "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23" } },
      { level: "info", message: "Unlocked account", fields: { address: "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b" } },
      {
        level: "warn",
        message: "Unlocked accounts can be spent from",
        fields: {
          accounts: "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23,0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b",
          address: "127.0.0.1",
          programs: "all on this machine",
          pages: "those of this machine",
        },
      },
    ]);
  });
});

Deno.test("--unlock without the flag stops the start with geth's text, whoever is named", async () => {
  for (const address of [KEY_ADDRESS, DEV.address, SECOND_ADDRESS, "no address"]) {
    const start = { unlock: [address], passwords: [PASSWORD], exposure: { insecureUnlock: "off" } as const };
    assertEquals(await refusal(start), "Account unlock with HTTP access is forbidden!");
  }
});

Deno.test("--unlock needs no flag where no network endpoint is on, and then warns of nothing", async () => {
  const exposure = { networkEndpoint: false, insecureUnlock: "off" } as const;
  await withStart({ unlock: [KEY_ADDRESS], passwords: [PASSWORD], exposure }, async ({ run, accounts, log }) => {
    await run();
    assertEquals(accounts.unlockedAddresses(), [KEY_ADDRESS]);
    assertEquals(log.lines.map(({ level }) => level), ["info"]);
  });
});

Deno.test("An open address with any origin refuses a keystore account, unless =public says so", async () => {
  const everyone = { address: "0.0.0.0", origins: ["*"] };
  assertEquals(
    await refusal({ unlock: [KEY_ADDRESS], passwords: [PASSWORD], exposure: everyone }),
    "an unlocked account on 0.0.0.0 with origins * is open to everyone; bind a loopback address, " +
      "name the origins, or say --allow-insecure-unlock=public",
  );
  const exposure = { ...everyone, insecureUnlock: "public" } as const;
  await withStart({ unlock: [KEY_ADDRESS], passwords: [PASSWORD], exposure }, async ({ run, log }) => {
    await run();
    assertEquals(log.lines.at(-1)?.fields, {
      accounts: "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23",
      address: "0.0.0.0",
      programs: "all that can reach 0.0.0.0",
      pages: "all",
    });
  });
});

Deno.test("The flag alone is warned of, since accounts may be unlocked later", async () => {
  await withStart({ unlock: [], exposure: { origins: ["https://a.example"] } }, async ({ run, log }) => {
    await run();
    assertEquals(log.lines, [{
      level: "warn",
      message: "Accounts may be unlocked over the network",
      fields: { address: "127.0.0.1", programs: "all on this machine", pages: "those of https://a.example" },
    }]);
  });
});

Deno.test("A failed unlock stops the start with geth's texts", async () => {
  const stranger = "0x00000000000000000000000000000000000000aa";
  const cases: [Start, string][] = [
    [
      { unlock: [KEY_ADDRESS], passwords: ["wrong"] },
      `Failed to unlock account ${KEY_ADDRESS} (could not decrypt key with given password)`,
    ],
    [
      { unlock: [stranger], passwords: [""] },
      `Failed to unlock account ${stranger} (no key for given address or file)`,
    ],
    [{ unlock: ["0x12"], passwords: [""] }, 'Could not list accounts: invalid account address or index "0x12"'],
    [{ unlock: ["2"], passwords: [""] }, "Could not list accounts: index 2 higher than number of accounts 2"],
    [{ unlock: [KEY_ADDRESS] }, "--unlock needs --password FILE with a line for each account"],
  ];
  for (const [start, message] of cases) assertEquals(await refusal(start), message);
});

Deno.test("An account may be named by its place in the keystore, with geth's warning", async () => {
  await withStart({ unlock: ["1"], passwords: ["second"] }, async ({ run, accounts, log }) => {
    await run();
    assertEquals(accounts.unlockedAddresses(), [SECOND_ADDRESS]);
    assertEquals(
      log.lines[0]?.message,
      "Referring to accounts by order in the keystore folder is dangerous, please use addresses",
    );
  });
});

Deno.test("A dev account needs no password to be named at start-up", async () => {
  await withStart({ unlock: [DEV.address] }, async ({ run, accounts }) => {
    await run();
    assertEquals(accounts.unlockedAddresses(), []);
  });
});

Deno.test("A password file gives one password a line, without the line's end", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/passwords`, " first \r\nsecond\n");
    assertEquals(await readPasswords(`${folder}/passwords`), [" first ", "second", ""]);
    const error = await assertRejects(() => readPasswords(`${folder}/none`), StartRefused);
    assertEquals(error.message.startsWith(`Failed to read password file: ${folder}/none: `), true);
  });
});
