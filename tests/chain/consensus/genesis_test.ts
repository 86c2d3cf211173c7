import { assert, assertEquals, assertThrows } from "@std/assert";
import { GenesisError } from "../../../src/chain/consensus/chain_config.ts";
import { GETH_DEVELOPER, mnemonicAccounts } from "../../../src/chain/consensus/dev_accounts.ts";
import { devGenesis } from "../../../src/chain/consensus/dev_genesis.ts";
import { headerHash } from "../../../src/primitives/header.ts";
import { buildGenesis, readGenesis } from "../../../src/chain/consensus/genesis.ts";
import { testChain } from "../fixture.ts";

const FRONTIER = { config: { chainId: 7 }, difficulty: "0x400000000", gasLimit: "0x1388", nonce: "0x42", alloc: {} };

function genesis(config: Record<string, unknown>, rest: Record<string, unknown> = {}): string {
  return JSON.stringify({ ...FRONTIER, config: { chainId: 7, ...config }, ...rest });
}

Deno.test("Genesis without accounts has mainnet's well-known empty roots and a header of fifteen fields", () => {
  const { header } = buildGenesis(readGenesis(JSON.stringify(FRONTIER)));
  assertEquals(header.stateRoot, "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  assertEquals(header.nonce, "0x0000000000000042");
  assertEquals("baseFeePerGas" in header, false);
});

Deno.test("Genesis of --dev is the same on every start", async () => {
  using one = await testChain();
  using other = await testChain();
  assertEquals((await one.block(0n))["hash"], (await other.block(0n))["hash"]);
  assertEquals(
    (await one.block(0n))["hash"],
    "0x0bf7eb22ac0ec08a5542de2829dae26f6bceff655748ccebca9c3f4907b445ac",
  );
  assertEquals(await one.node.identity.chainId(), "0x539");
  assertEquals(one.account(0).address, "0x71562b71999873db5b286df957af199ec94617f7");
  assertEquals(await one.balance(one.account(0).address), 2n ** 255n);
  assertEquals(await one.balance(one.account(10).address), 10_000n * 10n ** 18n);
});

Deno.test("The developer can earn fees without leaving 256 bits", async () => {
  using chain = await testChain();
  const { address } = chain.account(0);
  const before = await chain.balance(address);
  await chain.send(1, { to: chain.account(2).address, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n });
  const after = await chain.balance(address);
  assertEquals(after - before, 21_000n * 10n ** 10n);
  assert(after < 2n ** 256n);
});

Deno.test("A fee for an account that has everything wraps its balance", async () => {
  using chain = await testChain();
  const { address } = chain.account(0);
  await chain.node.dev.setBalance(address, 2n ** 256n - 1n);
  await chain.send(1, { to: chain.account(2).address, maxFeePerGas: 10n ** 11n, maxPriorityFeePerGas: 10n ** 10n });
  assertEquals(await chain.balance(address), 21_000n * 10n ** 10n - 1n);
});

Deno.test("Genesis deploys the system contracts of EIP-4788, 2935, 7002 and 7251 on --dev", async () => {
  using chain = await testChain();
  for (
    const address of [
      "0x000f3df6d732807ef1319fb7b8bb8522d0beac02",
      "0x0000f90827f1c53a10cb7a02335b175320002935",
      "0x00000961ef480eb55e80d19ad83579a64c007002",
      "0x0000bbddc7ce488642fb579f8b00f3a590007251",
    ] as const
  ) {
    const code = await chain.node.state.code(address, { tag: "earliest" });
    assertEquals(code.startsWith("0x3373fffffffffffffffffffffffffffffffffffffffe"), true);
  }
});

Deno.test("Genesis adds the fields of each fork that is active at block 0", () => {
  const blocks = Object.fromEntries(
    ["homestead", "eip150", "eip155", "eip158", "byzantium", "constantinople", "istanbul", "berlin", "london"]
      .map((name) => [`${name}Block`, 0]),
  );
  const times = { shanghaiTime: 0, cancunTime: 0, pragueTime: 0 };
  const { header } = buildGenesis(readGenesis(genesis({ ...blocks, ...times }, { difficulty: "0x0" })));
  assertEquals(header.baseFeePerGas, 1_000_000_000n);
  assertEquals(header.excessBlobGas, 0n);
  assertEquals(header.requestsHash, "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("Genesis reads numbers above 2^53 exactly", () => {
  const text = `{"config":{"chainId":9007199254740993},"difficulty":1,"gasLimit":5000,"alloc":{` +
    `"00000000000000000000000000000000000000aa":{"balance":123456789012345678901234567890}}}`;
  const { config, alloc } = readGenesis(text);
  assertEquals(config.chainId, 9007199254740993n);
  assertEquals(alloc.get("0x00000000000000000000000000000000000000aa")?.balance, 123456789012345678901234567890n);
});

Deno.test("Genesis puts code, nonce and storage of an account into the state", () => {
  const address = "0x00000000000000000000000000000000000000aa";
  const account = { balance: "0x5", nonce: "0x2", code: "0x6001", storage: { "0x01": "0xff", "0x02": "0x0" } };
  const { world } = buildGenesis(readGenesis(genesis({}, { alloc: { [address]: account } })));
  assertEquals(world.account(address)?.nonce, 2n);
  assertEquals(world.code(address).toHex(), "6001");
  assertEquals(world.storage(address, `0x${"1".padStart(64, "0")}`), `0x${"ff".padStart(64, "0")}`);
  assertEquals([...world.slots(address)].length, 1);
});

Deno.test("Genesis errors name the field", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["{", "genesis: not JSON"],
    ["[]", "genesis: expected an object"],
    [genesis({ chainId: 0 }), "genesis config.chainId: expected a positive number"],
    [genesis({ clique: {} }), "genesis config.clique: this chain has no clique consensus"],
    [genesis({ amsterdamTime: 0 }), "genesis config.amsterdamTime: not a final fork here"],
    [genesis({ eip155Block: 1, eip158Block: 2, homesteadBlock: 0, eip150Block: 0 }), "must equal eip158Block"],
    [genesis({ homesteadBlock: 5, eip150Block: 3 }), "unsupported fork ordering: homestead enabled at block 5"],
    [genesis({ shanghaiTime: 0, pragueTime: 1 }), "cancun not enabled, but prague enabled at timestamp 1"],
    [
      genesis({ bpo3Time: 9, shanghaiTime: 0, cancunTime: 0, pragueTime: 0, osakaTime: 0 }),
      'missing entry for fork "bpo3"',
    ],
    [genesis({}, { alloc: { "0x12": {} } }), 'genesis: expected an address, found "0x12"'],
    [genesis({}, { gasLimit: "lots" }), 'genesis gasLimit: expected a number, found "lots"'],
  ];
  for (const [text, message] of cases) assertThrows(() => readGenesis(text), GenesisError, message);
});

Deno.test("Accounts of the default mnemonic in the table are those that derivation gives", async () => {
  const table = await mnemonicAccounts("test test test test test test test test test test test junk", 10);
  const derived = await mnemonicAccounts("test test test test test test test test test test test junk", 11);
  assertEquals(derived.slice(0, 10), table);
});

Deno.test("Accounts of words that are no mnemonic are refused", async () => {
  const error = await mnemonicAccounts("one two three", 1).catch((reason) => reason);
  assertEquals(
    error.message,
    "expected 12, 15, 18, 21 or 24 words of BIP-39's English list, with one space between them, got 3",
  );
});

Deno.test("Genesis of --dev has the CREATE2 factory (EIP-7997), which deploys by its salt", async () => {
  using chain = await testChain();
  const factory = "0x4e59b44847b379578588920ca78fbf26c0b4956c";
  assertEquals(
    await chain.node.state.code(factory, { tag: "latest" }),
    "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b8082525050506014600cf3",
  );
  // Init code that returns one byte, 0xfe; the salt is zero.
  const input = `0x${"00".repeat(32)}60fe60005360016000f3` as const;
  const created = await chain.node.executor.call({ to: factory, input }, { tag: "latest" }, {
    signal: new AbortController().signal,
  });
  await chain.send(1, { to: factory, input, gas: 200_000n });
  assertEquals(await chain.node.state.code(created as `0x${string}`, { tag: "latest" }), "0xfe");
});

Deno.test("Genesis of --dev has the accounts of geth 1.17.10 --dev, apart from the developer's balance", () => {
  const genesis = devGenesis({ accounts: [] });
  const developer = genesis.alloc.get(GETH_DEVELOPER.address);
  assert(developer !== undefined);
  const alloc = new Map(genesis.alloc).set(GETH_DEVELOPER.address, { ...developer, balance: 2n ** 256n - 9n });
  const { header } = buildGenesis({ ...genesis, alloc });
  assertEquals(header.stateRoot, "0xbd697b302a5670bea71c10ac19d3503126e7eb33969bec7982307e6383868c71");
  assertEquals(headerHash(header), "0x790ac206f4e9d3837e8284a6b81d69d832d6974d10735757ccad8ad35086d6ad");
});
