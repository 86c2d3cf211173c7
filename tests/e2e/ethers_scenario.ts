import { assertEquals, assertRejects } from "@std/assert";
import { ContractFactory, HDNodeWallet, type Log, Mnemonic, WebSocketProvider } from "../clients/ethers.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { collect } from "./collect.ts";

const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");

function account(index: number, provider: WebSocketProvider): HDNodeWallet {
  return HDNodeWallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${index}`).connect(provider);
}

/** Deploys a contract, sends transactions, and hears blocks and events on a fresh server, which `signs` for accounts of its own or not. */
export async function ethersScenario(
  url: string,
  { signs = true }: { readonly signs?: boolean } = {},
): Promise<void> {
  const provider = new WebSocketProvider(url, undefined, { cacheTimeout: -1 });
  try {
    const [alice, bob] = [account(0, provider), account(1, provider)];
    assertEquals((await provider.getNetwork()).chainId, 1337n);

    const factory = new ContractFactory(TOKEN_ABI, TOKEN_BYTECODE, alice);
    const token = await (await factory.deploy(1000n)).waitForDeployment();
    const call = (name: string, ...args: unknown[]) => token.getFunction(name)(...args);
    assertEquals(await call("balanceOf", alice.address), 1000n);

    const blocks = collect<number>();
    const transfers = collect<bigint>();
    await provider.on("block", blocks.push);
    await token.on("Transfer", (_from: string, _to: string, value: bigint) => transfers.push(value));

    for (const value of [5n, 6n]) {
      const response = await call("transfer", bob.address, value);
      const receipt = await response.wait();
      assertEquals(receipt.status, 1);
    }
    assertEquals(await transfers.take(2), [5n, 6n]);
    assertEquals(await blocks.take(2), [2, 3]);
    assertEquals(await call("balanceOf", bob.address), 11n);

    const logs: Log[] = await provider.getLogs({ address: await token.getAddress(), fromBlock: 0 });
    assertEquals(logs.length, 3);
    assertEquals((await provider.getBlock(2, true))?.prefetchedTransactions.length, 1);
    await assertRejects(() => call("fail", "no luck"), Error, 'reverted: "no luck"');

    if (signs) {
      const signer = await provider.getSigner(0);
      const sent = await signer.sendTransaction({ to: bob.address, value: 9n });
      assertEquals((await sent.wait())?.status, 1);
      assertEquals(await provider.getBalance(bob.address), 10_000n * 10n ** 18n + 9n);
    }
    await token.removeAllListeners();
    await provider.removeAllListeners();
    // ethers does not wait for its own eth_unsubscribe calls: this answer comes after theirs.
    await provider.send("eth_chainId", []);
  } finally {
    const socket = provider.websocket as unknown as WebSocket;
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    await provider.destroy();
    await closed;
  }
}
