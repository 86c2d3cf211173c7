import { assertEquals } from "@std/assert";
import { verifyMessage, verifyTypedData, WebSocketProvider as EthersProvider } from "../clients/ethers.ts";
import {
  createWalletClient,
  recoverMessageAddress,
  recoverTypedDataAddress,
  stringToHex,
  webSocket,
} from "../clients/viem.ts";
import { Web3, WebSocketProvider as Web3Provider } from "../clients/web3.ts";
import { ServerProcess } from "../e2e/server_process.ts";
import { KEY, PASSWORD, withFolder } from "./capture.ts";

const DEV = "0x71562b71999873DB5b286dF957af199Ec94617F7";
const KEY_CHECKSUMMED = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";
const TYPED_DATA = {
  domain: { name: "Market", chainId: 1337 },
  types: { Order: [{ name: "maker", type: "address" }, { name: "amounts", type: "uint256[]" }] },
  primaryType: "Order",
  message: { maker: DEV, amounts: [1n, 2n ** 255n] },
} as const;

/** The program with `personal` on and a keystore. */
async function withProgram(use: (server: ServerProcess) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await using server = await ServerProcess.start({
      permissions: [`--allow-read=${folder}`, `--allow-write=${folder}`],
      flags: ["--ws.api", "eth,net,web3,personal", "--keystore", folder, "--lightkdf", "--allow-insecure-unlock"],
    });
    await use(server);
  });
}

async function closed(socket: WebSocket, close: () => unknown): Promise<void> {
  const end = new Promise((resolve) => socket.addEventListener("close", resolve));
  await close();
  if (socket.readyState !== WebSocket.CLOSED) await end;
}

Deno.test("viem signs messages, typed data and transactions with a node account", async () => {
  await withProgram(async ({ url }) => {
    const wallet = createWalletClient({
      account: DEV,
      transport: webSocket(url, { reconnect: false, keepAlive: false }),
    });
    const rpc = await wallet.transport.getRpcClient();
    try {
      assertEquals((await wallet.requestAddresses())[0], DEV);
      const signature = await wallet.signMessage({ message: "hello" });
      assertEquals(await recoverMessageAddress({ message: "hello", signature }), DEV);
      const typed = await wallet.signTypedData(TYPED_DATA);
      assertEquals(await recoverTypedDataAddress({ ...TYPED_DATA, signature: typed }), DEV);
      assertEquals((await wallet.sendTransaction({ to: DEV, value: 1n, chain: null })).length, 66);
    } finally {
      await closed(rpc.socket as unknown as WebSocket, () => rpc.close());
    }
  });
});

Deno.test("ethers signs messages, typed data and transactions with a node account", async () => {
  await withProgram(async ({ url }) => {
    const provider = new EthersProvider(url, undefined, { cacheTimeout: -1 });
    try {
      const signer = await provider.getSigner(DEV);
      assertEquals(verifyMessage("hello", await signer.signMessage("hello")), DEV);
      assertEquals(verifyMessage("hello", await signer._legacySignMessage("hello")), DEV);
      const { domain, message } = TYPED_DATA;
      const types = { Order: [...TYPED_DATA.types.Order] };
      assertEquals(verifyTypedData(domain, types, message, await signer.signTypedData(domain, types, message)), DEV);
      assertEquals((await (await signer.sendTransaction({ to: DEV, value: 1n })).wait())?.status, 1);
      // What ethers' own unlock sends; it has a third parameter of null.
      const imported = await provider.send("personal_importRawKey", [KEY, PASSWORD]);
      assertEquals(await (await provider.getSigner(imported)).unlock(PASSWORD), true);
    } finally {
      const socket = provider.websocket as unknown as WebSocket;
      await closed(socket, () => provider.destroy());
    }
  });
});

Deno.test("web3.js drives the personal namespace of a keystore", async () => {
  await withProgram(async ({ url }) => {
    const provider = new Web3Provider(url, {}, { autoReconnect: false });
    const { eth } = new Web3(provider);
    try {
      assertEquals(await eth.personal.importRawKey(KEY, PASSWORD), KEY_CHECKSUMMED.toLowerCase());
      const made = await eth.personal.newAccount(PASSWORD);
      assertEquals((await eth.personal.getAccounts()).slice(-2), [KEY_CHECKSUMMED, made]);
      assertEquals(await eth.personal.unlockAccount(KEY_CHECKSUMMED, PASSWORD, 60), true);
      const message = stringToHex("hello");
      const signature = await eth.personal.sign(message, KEY_CHECKSUMMED, PASSWORD);
      assertEquals(await eth.personal.ecRecover(message, signature), KEY_CHECKSUMMED.toLowerCase());
      await eth.sendTransaction({ from: DEV, to: KEY_CHECKSUMMED, value: 10n ** 18n });
      const request = { from: KEY_CHECKSUMMED, to: DEV, value: "0x1", gas: "0x5208" };
      const hash = await eth.personal.sendTransaction(request, PASSWORD);
      assertEquals((await eth.getTransactionReceipt(hash)).status, 1n);
      assertEquals(await eth.personal.lockAccount(KEY_CHECKSUMMED), true);
    } finally {
      const socket = provider.SocketConnection as unknown as WebSocket;
      await closed(socket, () => provider.disconnect());
    }
  });
});
