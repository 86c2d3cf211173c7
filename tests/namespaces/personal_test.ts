import { assertEquals, assertMatch } from "@std/assert";
import { stringToHex } from "../clients/viem.ts";
import { privateKeyToAccount } from "../clients/viem_accounts.ts";
import { KEY, KEY_ADDRESS, PASSWORD } from "../accounts/capture.ts";
import { type AccountServer, DEV, type ServerSetting, STRANGER, withAccountServer } from "./account_server.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { until } from "../support/until.ts";
import { checksumAddress } from "../../src/primitives/checksum.ts";

const MESSAGE = stringToHex("a message");
const WHOLE = { gas: "0x5208", gasPrice: "0x3b9aca00", nonce: "0x0", to: STRANGER };

function failure(message: string) {
  return { code: -32000, message };
}

/** A server whose keystore holds the test key. */
function withKey(use: (server: AccountServer) => Promise<void>, setting: ServerSetting = {}): Promise<void> {
  return withAccountServer({ keystore: true, ...setting }, async (server) => {
    assertEquals((await server.call("personal_importRawKey", KEY, PASSWORD)).result, KEY_ADDRESS);
    await use(server);
  });
}

Deno.test("personal_newAccount makes a key file and answers the checksummed address, as geth does", async () => {
  await withAccountServer({ keystore: true }, async ({ call, folder, log }) => {
    const { result } = await call("personal_newAccount", PASSWORD);
    const address = String(result).toLowerCase() as `0x${string}`;
    assertEquals(result, checksumAddress(address));
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(names.length, 1);
    assertMatch(names[0] ?? "", new RegExp(`^UTC--.*Z--${address.slice(2)}$`));
    assertEquals(log.lines, [
      { level: "info", message: "Your new key was generated", fields: { address: result } },
      { level: "warn", message: "Please backup your key file!", fields: { path: `${folder}/${names[0]}` } },
      { level: "warn", message: "Please remember your password!", fields: {} },
    ]);
    assertEquals((await call("personal_unlockAccount", address, PASSWORD)).result, true);
    assertEquals((await call("eth_sign", address, MESSAGE)).error, undefined);
  });
});

Deno.test("personal_importRawKey refuses a second time, and what is no key, with geth's texts", async () => {
  await withKey(async ({ call }) => {
    assertEquals((await call("personal_importRawKey", KEY, "other")).error, failure("account already exists"));
    const { error } = await call("personal_importRawKey", `0x${KEY}`, PASSWORD);
    assertEquals(error, failure("invalid hex character 'x' in private key"));
  });
});

Deno.test("Without a keystore there is nothing to make, import, unlock or lock", async () => {
  await withAccountServer({}, async ({ call }) => {
    const none = failure("local keystore not used");
    assertEquals((await call("personal_newAccount", PASSWORD)).error, none);
    assertEquals((await call("personal_importRawKey", KEY, PASSWORD)).error, none);
    assertEquals((await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD)).error, none);
    assertEquals((await call("personal_lockAccount", KEY_ADDRESS)).result, false);
    assertEquals((await call("personal_sign", MESSAGE, KEY_ADDRESS, PASSWORD)).error, failure("unknown account"));
  });
});

Deno.test("personal_listWallets tells where each key is and whether it is open", async () => {
  await withKey(async ({ call, folder }) => {
    const wallets = (await call("personal_listWallets")).result;
    const devUrl = `dev://${DEV.address}`;
    const keyUrl = `keystore://${folder}/${[...Deno.readDirSync(folder)][0]?.name}`;
    assertEquals(wallets, [
      { url: devUrl, status: "Unlocked", accounts: [{ address: DEV.address, url: devUrl }] },
      { url: keyUrl, status: "Locked", accounts: [{ address: KEY_ADDRESS, url: keyUrl }] },
    ]);
    await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD);
    const after = (await call("personal_listWallets")).result as { status: string }[];
    assertEquals(after.map(({ status }) => status), ["Unlocked", "Unlocked"]);
  });
});

Deno.test("An unlocked account signs and sends until it is locked", async () => {
  await withKey(async ({ call, ledger }) => {
    assertEquals((await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD, 0)).result, true);
    assertEquals((await call("eth_sendTransaction", { from: KEY_ADDRESS, to: STRANGER })).error, undefined);
    assertEquals(ledger.taken, [{ from: KEY_ADDRESS, nonce: 0n, signed: true }]);
    assertEquals((await call("personal_lockAccount", KEY_ADDRESS)).result, true);
    const { error } = await call("eth_sign", KEY_ADDRESS, MESSAGE);
    assertEquals(error, failure("authentication needed: password or unlock"));
  });
});

Deno.test("An account unlocked for a second is locked again after it", async () => {
  await withKey(async ({ call }) => {
    await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD, 1);
    assertEquals((await call("eth_sign", KEY_ADDRESS, MESSAGE)).error, undefined);
    const deadline = performance.now() + 10_000;
    let last;
    do {
      await new Promise((resolve) => setTimeout(resolve, 50));
      last = await call("eth_sign", KEY_ADDRESS, MESSAGE);
    } while (last.error === undefined && performance.now() < deadline);
    assertEquals(last.error, failure("authentication needed: password or unlock"));
  });
});

Deno.test("personal_unlockAccount fails as geth does, and says so in the log", async () => {
  await withKey(async ({ call, log }) => {
    const unlock = async (...params: unknown[]) => (await call("personal_unlockAccount", ...params)).error;
    const wrong = "could not decrypt key with given password";
    assertEquals(await unlock(KEY_ADDRESS, "wrong"), failure(wrong));
    assertEquals(log.lines.slice(-2), [
      {
        level: "warn",
        message: "Wrong account password",
        fields: { address: KEY_ADDRESS, connection: log.lines.at(-2)?.fields.connection, failures: 1 },
      },
      { level: "warn", message: "Failed account unlock attempt", fields: { address: KEY_ADDRESS, err: wrong } },
    ]);
    assertEquals(await unlock(STRANGER, PASSWORD), failure("no key for given address or file"));
    assertEquals(await unlock(KEY_ADDRESS, PASSWORD, 9_223_372_037), failure("unlock duration too large"));
    assertEquals(await unlock(KEY_ADDRESS, PASSWORD, 9_223_372_036), undefined);
    assertEquals(await unlock(KEY_ADDRESS, PASSWORD, "300"), {
      code: -32602,
      message: "invalid argument 2: json: cannot unmarshal string into Go value of type uint64",
    });
    assertEquals(await unlock(KEY_ADDRESS), { code: -32602, message: "missing value for required argument 1" });
  });
});

const PUBLIC_REFUSAL = "an unlocked account on 0.0.0.0 with origins * is open to everyone; bind a loopback address, " +
  "name the origins, or say --allow-insecure-unlock=public";

Deno.test("The whole matrix of flag, address, origins and kind of account holds over the socket", async () => {
  for (const insecureUnlock of ["off", "on", "public"] as const) {
    for (const address of ["127.0.0.1", "0.0.0.0"]) {
      for (const origins of [[], ["*"]]) {
        const everyone = address === "0.0.0.0" && origins.length > 0;
        // The key is imported in a folder of its own: importing is not what the guard is about.
        await withKey(async ({ call }) => {
          const cell = `${insecureUnlock} ${address} ${origins}`;
          const dev = await call("personal_unlockAccount", DEV.address, "");
          const key = await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD);
          const forbidden = failure("account unlock with HTTP access is forbidden");
          if (insecureUnlock === "off") assertEquals([dev.error, key.error], [forbidden, forbidden], cell);
          else {
            assertEquals(dev.result, true, cell);
            const refused = everyone && insecureUnlock === "on";
            assertEquals(key.error, refused ? failure(PUBLIC_REFUSAL) : undefined, cell);
          }
          // Whatever the guard says, a dev account signs and a keystore account signs with its password.
          assertEquals((await call("eth_sign", DEV.address, MESSAGE)).error, undefined, cell);
          assertEquals((await call("personal_sign", MESSAGE, KEY_ADDRESS, PASSWORD)).error, undefined, cell);
        }, { exposure: { insecureUnlock, address, origins } });
      }
    }
  }
});

Deno.test("The guard comes before the password, the address and the duration are looked at", async () => {
  await withKey(async ({ call, log }) => {
    for (const params of [[STRANGER, ""], [KEY_ADDRESS, "wrong"], [KEY_ADDRESS, PASSWORD, 9_999_999_999]]) {
      const { error } = await call("personal_unlockAccount", ...params);
      assertEquals(error, failure("account unlock with HTTP access is forbidden"));
    }
    assertEquals(log.lines.filter(({ message }) => message === "Wrong account password"), []);
  }, { exposure: { insecureUnlock: "off" } });
});

Deno.test("personal_sign and personal_ecRecover are each other's inverse, and viem's signature", async () => {
  await withKey(async ({ call }) => {
    const expected = await privateKeyToAccount(`0x${KEY}`).signMessage({ message: { raw: MESSAGE } });
    const signed = await call("personal_sign", MESSAGE, KEY_ADDRESS, PASSWORD);
    assertEquals(signed.result, expected);
    assertEquals((await call("personal_ecRecover", MESSAGE, expected)).result, KEY_ADDRESS);
    // It stayed locked.
    const { error } = await call("eth_sign", KEY_ADDRESS, MESSAGE);
    assertEquals(error, failure("authentication needed: password or unlock"));
    const short = await call("personal_ecRecover", MESSAGE, "0x00");
    assertEquals(short.error, failure("signature must be 65 bytes long"));
    const wrong = await call("personal_ecRecover", MESSAGE, `${expected.slice(0, -2)}02`);
    assertEquals(wrong.error, failure("invalid Ethereum signature (V is not 27 or 28)"));
  });
});

Deno.test("personal_sign without a password, as wallets' pages call it, signs for an open account only", async () => {
  await withKey(async ({ call }) => {
    const expected = await privateKeyToAccount(DEV.privateKey).signMessage({ message: { raw: MESSAGE } });
    assertEquals((await call("personal_sign", MESSAGE, DEV.address)).result, expected);
    const { error } = await call("personal_sign", MESSAGE, KEY_ADDRESS);
    assertEquals(error, failure("authentication needed: password or unlock"));
  });
});

Deno.test("personal_sendTransaction and personal_signTransaction use the password once", async () => {
  await withKey(async ({ call, ledger, log }) => {
    const request = { from: KEY_ADDRESS, to: STRANGER };
    assertEquals((await call("personal_sendTransaction", request, PASSWORD)).error, undefined);
    assertEquals(ledger.taken, [{ from: KEY_ADDRESS, nonce: 0n, signed: true }]);
    const signed = await call("personal_signTransaction", { from: KEY_ADDRESS, ...WHOLE }, PASSWORD);
    assertEquals(Object.keys(signed.result as object), ["raw", "tx"]);
    const locked = await call("eth_sendTransaction", request);
    assertEquals(locked.error, failure("authentication needed: password or unlock"));

    const wrong = await call("personal_sendTransaction", request, "wrong");
    assertEquals(wrong.error, failure("could not decrypt key with given password"));
    assertEquals(log.lines.at(-1)?.message, "Failed transaction send attempt");
    const unknown = await call("personal_sendTransaction", { from: STRANGER, to: STRANGER }, PASSWORD);
    assertEquals(unknown.error, failure("unknown account"));
    const nobody = await call("personal_signTransaction", WHOLE, PASSWORD);
    assertEquals(nobody.error, failure("sender not specified"));
    const blob = await call("personal_sendTransaction", { ...request, maxFeePerBlobGas: "0x1" }, PASSWORD);
    assertEquals(blob.error, failure("signing blob transactions not supported"));
  });
});

Deno.test("A dev account has geth --dev's empty password and cannot be locked", async () => {
  await withKey(async ({ call }) => {
    assertEquals((await call("personal_sign", MESSAGE, DEV.address, "")).error, undefined);
    const wrong = await call("personal_sign", MESSAGE, DEV.address, "x");
    assertEquals(wrong.error, failure("could not decrypt key with given password"));
    assertEquals((await call("personal_lockAccount", DEV.address)).result, false);
    assertEquals((await call("eth_sign", DEV.address, MESSAGE)).error, undefined);
  });
});

Deno.test("The sixth guess is answered a second late, whichever method and connection it comes by", async () => {
  const clock = new FakeClock();
  await withKey(async ({ call, connect }) => {
    const other = await connect();
    for (let guess = 0; guess < 5; guess++) {
      const by = guess % 2 === 0 ? call : other;
      const { error } = await by("personal_sign", MESSAGE, KEY_ADDRESS, `guess ${guess}`);
      assertEquals(error, failure("could not decrypt key with given password"));
    }
    const third = await connect();
    let isAnswered = false;
    const sixth = third("personal_unlockAccount", KEY_ADDRESS, "guess 6").finally(() => isAnswered = true);
    await until(() => clock.timers > 0);
    await clock.advance(999);
    assertEquals([isAnswered, clock.timers], [false, 1]);
    await clock.advance(1);
    assertEquals((await sixth).error, failure("could not decrypt key with given password"));
  }, { clock });
});

Deno.test("While the keystore folder is gone, unlocked and dev accounts sign, and the rest is told why it cannot", async () => {
  await withKey(async ({ call, folder }) => {
    assertEquals((await call("personal_unlockAccount", KEY_ADDRESS, PASSWORD)).result, true);
    await Deno.rename(folder, `${folder}-away`);
    try {
      const gone = failure("keystore unavailable: the folder is missing");
      assertEquals((await call("eth_accounts")).error, gone);
      assertEquals((await call("personal_newAccount", PASSWORD)).error, gone);
      assertEquals((await call("personal_unlockAccount", STRANGER, PASSWORD)).error, gone);
      assertEquals((await call("personal_listWallets")).error, gone);
      for (const signer of [KEY_ADDRESS, DEV.address]) {
        assertEquals((await call("eth_sign", signer, MESSAGE)).error, undefined);
        assertEquals((await call("eth_sendTransaction", { from: signer, to: STRANGER })).error, undefined);
      }
    } finally {
      await Deno.rename(`${folder}-away`, folder);
    }
    assertEquals((await call("eth_accounts")).result, [DEV.address, KEY_ADDRESS]);
  });
});
