import { assert, assertEquals } from "@std/assert";
import { encodeDeployData, encodeFunctionData, type Hex, numberToHex, pad } from "../clients/viem.ts";
import { privateKeyToAccount, signAuthorization } from "../clients/viem_accounts.ts";
import { TOKEN_ABI, TOKEN_BYTECODE } from "../contracts/token.ts";
import { CheckedClient } from "../support/checked_client.ts";

const GWEI = 10n ** 9n;
/** EIP-7594: since Osaka a blob has one proof for each of its cells. */
const CELLS_PER_BLOB = 128;
const SUPPLY = 1_000_000n;
const SINK = `0x${"5e".repeat(20)}` as const;
const UNKNOWN = `0x${"ff".repeat(32)}` as const;

interface Receipt {
  readonly transactionHash: Hex;
  readonly blockHash: Hex;
  readonly blockNumber: Hex;
  readonly transactionIndex: Hex;
  readonly contractAddress: Hex;
  readonly status: Hex;
  readonly type: Hex;
}

function call(name: "balanceOf" | "transfer", args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: TOKEN_ABI, functionName: name, args } as Parameters<typeof encodeFunctionData>[0]);
}

function deployment(): Hex {
  return encodeDeployData({ abi: TOKEN_ABI, bytecode: TOKEN_BYTECODE, args: [SUPPLY] });
}

/** Deploys the token from the first of the chain's own accounts. */
async function deploy(client: CheckedClient): Promise<{ owner: Hex; token: Hex }> {
  const owner = client.chain.accounts[0]?.address;
  assert(owner !== undefined);
  const hash = await client.call("eth_sendTransaction", { from: owner, data: deployment() });
  const receipt = await client.call<Receipt>("eth_getTransactionReceipt", hash);
  assertEquals(receipt.status, "0x1");
  return { owner, token: receipt.contractAddress };
}

/** One signed transaction of each type that needs no blobs. */
async function signedTransactions(client: CheckedClient): Promise<Hex[]> {
  const key = client.chain.accounts[1]?.privateKey;
  assert(key !== undefined);
  const account = privateKeyToAccount(key);
  const base = { chainId: 1337, gas: 100_000n, to: SINK, value: 1n };
  const price = { maxFeePerGas: 20n * GWEI, maxPriorityFeePerGas: GWEI };
  const accessList = [{ address: SINK, storageKeys: [UNKNOWN] }];
  const authorization = await signAuthorization({ privateKey: key, address: SINK, chainId: 1337, nonce: 5 });
  return await Promise.all([
    account.signTransaction({ ...base, nonce: 0, type: "legacy", gasPrice: 20n * GWEI }),
    account.signTransaction({ ...base, nonce: 1, type: "eip2930", gasPrice: 20n * GWEI, accessList }),
    account.signTransaction({ ...base, ...price, nonce: 2, type: "eip1559" }),
    account.signTransaction({ ...base, ...price, nonce: 3, type: "eip1559", accessList, data: "0xabcdef" }),
    account.signTransaction({ ...base, ...price, nonce: 4, type: "eip7702", authorizationList: [authorization] }),
  ]);
}

async function readIdentity(client: CheckedClient): Promise<void> {
  assertEquals(await client.call("eth_chainId"), "0x539");
  assertEquals(await client.call("net_version"), "1337");
  for (const method of ["net_listening", "net_peerCount", "web3_clientVersion", "eth_syncing", "eth_coinbase"]) {
    await client.call(method);
  }
  for (const method of ["eth_accounts", "eth_requestAccounts", "eth_config", "eth_capabilities"]) {
    await client.call(method);
  }
  await client.call("web3_sha3", "0x00");
}

async function readFees(client: CheckedClient): Promise<void> {
  for (const method of ["eth_gasPrice", "eth_maxPriorityFeePerGas", "eth_baseFee", "eth_blobBaseFee"]) {
    await client.call(method);
  }
  await client.call("eth_feeHistory", 5, "latest", [0, 50, 100]);
  await client.call("eth_feeHistory", "0x2", "pending", null);
  await client.call("eth_feeHistory", "0x1", "earliest", []);
}

/** Asks for one block in each of the ways there are. */
async function readBlock(client: CheckedClient, at: { hash: Hex; number: Hex }): Promise<void> {
  for (const full of [false, true]) {
    const byNumber = await client.call("eth_getBlockByNumber", at.number, full);
    assertEquals(await client.call("eth_getBlockByHash", at.hash, full), byNumber);
  }
  assertEquals(
    await client.call("eth_getHeaderByHash", at.hash),
    await client.call("eth_getHeaderByNumber", at.number),
  );
  for (const name of ["eth_getBlockTransactionCount", "eth_getUncleCount"]) {
    const suffix = name === "eth_getUncleCount" ? "Block" : "";
    const byNumber = await client.call(`${name}By${suffix}Number`, at.number);
    assertEquals(await client.call(`${name}By${suffix}Hash`, at.hash), byNumber);
  }
  assertEquals(await client.call("eth_getUncleByBlockHashAndIndex", at.hash, "0x0"), null);
  assertEquals(await client.call("eth_getUncleByBlockNumberAndIndex", at.number, "0x0"), null);
  const receipts = await client.call<Receipt[]>("eth_getBlockReceipts", { blockHash: at.hash, requireCanonical: true });
  assertEquals(await client.call("eth_getBlockReceipts", at.number), receipts);
}

/** Asks for one transaction in each of the ways there are. */
async function readTransaction(client: CheckedClient, receipt: Receipt): Promise<Hex> {
  const { transactionHash: hash, blockHash, blockNumber, transactionIndex: index } = receipt;
  const transaction = await client.call("eth_getTransactionByHash", hash);
  assertEquals(await client.call("eth_getTransactionByBlockHashAndIndex", blockHash, index), transaction);
  assertEquals(await client.call("eth_getTransactionByBlockNumberAndIndex", blockNumber, index), transaction);
  const raw = await client.call<Hex>("eth_getRawTransactionByHash", hash);
  assertEquals(await client.call("eth_getRawTransactionByBlockHashAndIndex", blockHash, index), raw);
  assertEquals(await client.call("eth_getRawTransactionByBlockNumberAndIndex", blockNumber, index), raw);
  return raw;
}

async function readState(client: CheckedClient, { owner, token }: { owner: Hex; token: Hex }): Promise<void> {
  await client.call("eth_getBalance", owner);
  await client.call("eth_getCode", token, "latest");
  for (const tag of ["latest", "pending", "earliest", "safe", "finalized"]) {
    await client.call("eth_getTransactionCount", owner, tag);
  }
  const slot = await client.call<Hex>("eth_getStorageAt", token, "0x0", "latest");
  const key = pad("0x0");
  assertEquals(await client.call("eth_getStorageValues", { [token]: [key] }), { [token]: [slot] });
  const proof = await client.call<{ storageProof: { key: string }[] }>("eth_getProof", token, ["0x0", key], "latest");
  assertEquals(proof.storageProof.map((item) => item.key), ["0x0", key]);
  await client.call("eth_getProof", SINK, [], "0x0");
}

async function execute(client: CheckedClient, { owner, token }: { owner: Hex; token: Hex }): Promise<void> {
  const request = { from: owner, to: token, input: call("balanceOf", [owner]) };
  assertEquals(await client.call("eth_call", request), pad(numberToHex(SUPPLY)));
  await client.call("eth_call", request, "pending", { [SINK]: { balance: "0x1", code: "0x00" } }, {
    time: "0xffffffff",
  });
  const transfer = { from: owner, to: token, input: call("transfer", [SINK, 1n]) };
  await client.call("eth_estimateGas", transfer);
  await client.call("eth_createAccessList", transfer);
  const simulated = await client.call<{ calls: { logs: unknown[]; status: Hex }[] }[]>("eth_simulateV1", {
    blockStateCalls: [{ calls: [transfer, { ...request, value: "0x1" }] }, { blockOverrides: { number: "0xff" } }],
    returnFullTransactions: true,
    traceTransfers: true,
  });
  assertEquals(simulated[0]?.calls.map(({ logs, status }) => [logs.length, status]), [[1, "0x1"], [0, "0x0"]]);
  const poor = { from: SINK, to: token, input: call("transfer", [owner, 1n]) };
  for (const method of ["eth_call", "eth_estimateGas"]) {
    const { code, message, data } = await client.failure(method, poor);
    assertEquals([code, message.startsWith("execution reverted")], [3, true]);
    assert(typeof data === "string" && data.length > 10, "a custom error comes back as data");
  }
  const listed = await client.call<{ error?: string }>("eth_createAccessList", poor);
  assertEquals(listed.error, "execution reverted");
}

async function sign(client: CheckedClient, owner: Hex): Promise<void> {
  const request = { from: owner, to: SINK, value: "0x1" };
  await client.call("eth_fillTransaction", request);
  const whole = { ...request, gas: "0x5208", nonce: "0x50", maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1" };
  await client.call("eth_signTransaction", whole);
  await client.call("eth_sign", owner, "0xdeadbeef");
  await client.call("eth_signTypedData_v4", owner, {
    types: { EIP712Domain: [], Note: [{ name: "text", type: "string" }] },
    primaryType: "Note",
    domain: {},
    message: { text: "hello" },
  });
}

/** Asks for what waits in the pool. */
async function readPending(client: CheckedClient, owner: Hex): Promise<void> {
  await client.chain.dev.setAutomine(false);
  const nonce = await client.call<Hex>("eth_getTransactionCount", owner, "pending");
  const request = { from: owner, to: SINK, value: "0x1", nonce, gas: "0x5208", gasPrice: "0x77359400" };
  await client.call("eth_sendTransaction", request);
  const hash = await client.call<Hex>("eth_resend", request, "0xee6b2800");
  assertEquals(await client.call("eth_getTransactionReceipt", hash), null);
  const waiting = await client.call<{ blockHash: null }>("eth_getTransactionByHash", hash);
  assertEquals(waiting.blockHash, null);
  await client.call("eth_getRawTransactionByHash", hash);
  assertEquals(await client.call("eth_pendingTransactions"), [waiting]);
  for (const full of [false, true]) await client.call("eth_getBlockByNumber", "pending", full);
  await client.call("eth_getHeaderByNumber", "pending");
  assertEquals(await client.call("eth_getBlockTransactionCountByNumber", "pending"), "0x1");
  await client.call("eth_getTransactionByBlockNumberAndIndex", "pending", "0x0");
  await client.chain.dev.setAutomine(true);
  await client.chain.dev.mine(1n);
  await client.call("eth_getTransactionReceipt", hash);
}

/** Makes one filter of each kind, lets something happen, and asks what they saw. */
async function readFilters(client: CheckedClient, { owner, token }: { owner: Hex; token: Hex }): Promise<void> {
  const logs = await client.call("eth_newFilter", { address: token });
  const blocks = await client.call("eth_newBlockFilter");
  const hashes = await client.call("eth_newPendingTransactionFilter");
  const whole = await client.call("eth_newPendingTransactionFilter", true);
  const input = call("transfer", [SINK, 1n]);
  const hash = await client.call<Hex>("eth_sendTransaction", { from: owner, to: token, input });
  const { blockHash } = await client.call<Receipt>("eth_getTransactionReceipt", hash);
  const found = await client.call<unknown[]>("eth_getFilterLogs", logs);
  assertEquals(found.length, 1);
  assertEquals(await client.call("eth_getFilterChanges", logs), found);
  assertEquals(await client.call("eth_getLogs", { blockHash, topics: [[]] }), found);
  assertEquals(await client.call("eth_getFilterChanges", blocks), [blockHash]);
  assertEquals(await client.call("eth_getFilterChanges", hashes), [hash]);
  const [seen] = await client.call<{ hash: Hex }[]>("eth_getFilterChanges", whole);
  assertEquals(seen?.hash, hash);
  for (const id of [logs, blocks, hashes, whole]) assertEquals(await client.call("eth_uninstallFilter", id), true);
}

/**
 * Sends a transaction with one blob (EIP-4844). The commitment to a blob of zeros and all its proofs are the point at
 * infinity, so that nothing has to be computed, only verified.
 */
async function sendBlob(client: CheckedClient): Promise<Receipt> {
  const from = client.chain.accounts[3]?.address;
  const infinity = `0xc0${"00".repeat(47)}`;
  const sidecar = {
    blobs: [`0x${"00".repeat(131_072)}`],
    commitments: [infinity],
    proofs: new Array(CELLS_PER_BLOB).fill(infinity),
  };
  const fees = { maxFeePerGas: "0x77359400", maxPriorityFeePerGas: "0x1", maxFeePerBlobGas: "0x3b9aca00" };
  const request = { from, to: SINK, gas: "0x5208", nonce: "0x0", ...fees, ...sidecar };
  const { raw } = await client.call<{ raw: Hex }>("eth_signTransaction", request);
  const hash = await client.call("eth_sendRawTransaction", raw);
  return await client.call<Receipt>("eth_getTransactionReceipt", hash);
}

Deno.test("Every row of eth, net and web3 answers with a result of its own shape", async () => {
  using client = await CheckedClient.open();
  await readIdentity(client);
  const genesis = await client.call<{ hash: Hex }>("eth_getBlockByNumber", "earliest", false);
  await readBlock(client, { hash: genesis.hash, number: "0x0" });
  await readFees(client);
  const deployed = await deploy(client);
  await readState(client, deployed);
  await execute(client, deployed);
  await sign(client, deployed.owner);
  await client.chain.dev.setBalance(SINK, 10n ** 18n);
  await client.call("eth_sendUnsignedTransaction", { from: SINK, to: deployed.owner });
  await readFilters(client, deployed);

  const sent = await signedTransactions(client);
  const receipts: Receipt[] = [];
  for (const raw of sent) {
    const hash = await client.call("eth_sendRawTransaction", raw);
    receipts.push(await client.call<Receipt>("eth_getTransactionReceipt", hash));
  }
  assertEquals(
    receipts.map(({ type, status }) => [type, status]),
    ["0x0", "0x1", "0x2", "0x2", "0x4"].map((t) => [t, "0x1"]),
  );
  for (const [position, receipt] of receipts.entries()) {
    assertEquals(await readTransaction(client, receipt), sent[position]);
    await readBlock(client, { hash: receipt.blockHash, number: receipt.blockNumber });
  }
  const blob = await sendBlob(client);
  assertEquals([blob.type, blob.status], ["0x3", "0x1"]);
  await readTransaction(client, blob);
  await readBlock(client, { hash: blob.blockHash, number: blob.blockNumber });
  await readFees(client);
  await readPending(client, deployed.owner);
  const key = client.chain.accounts[2]?.privateKey;
  assert(key !== undefined);
  const raw = await privateKeyToAccount(key).signTransaction({
    chainId: 1337,
    nonce: 0,
    gas: 21_000n,
    to: SINK,
    gasPrice: 20n * GWEI,
  });
  await client.call("eth_sendRawTransactionSync", raw, 1000);
  await client.call("eth_blockNumber");

  const always = new Set(["eth_getUncleByBlockHashAndIndex", "eth_getUncleByBlockNumberAndIndex"]);
  const unseen = client.methods.filter((name) =>
    /^(eth|net|web3)_/.test(name) && !always.has(name) && !client.answered.has(name)
  );
  assertEquals(unseen, []);
});

Deno.test("What does not exist is null for blocks and transactions, and an error for state", async () => {
  using client = await CheckedClient.open();
  const nulls: [string, ...unknown[]][] = [
    ["eth_getBlockByNumber", "0xffff", true],
    ["eth_getBlockByHash", UNKNOWN, true],
    ["eth_getHeaderByNumber", "0xffff"],
    ["eth_getHeaderByHash", UNKNOWN],
    ["eth_getBlockTransactionCountByNumber", "0xffff"],
    ["eth_getBlockTransactionCountByHash", UNKNOWN],
    ["eth_getUncleCountByBlockNumber", "0xffff"],
    ["eth_getUncleCountByBlockHash", UNKNOWN],
    ["eth_getUncleByBlockNumberAndIndex", "0xffff", "0x0"],
    ["eth_getUncleByBlockHashAndIndex", UNKNOWN, "0x0"],
    ["eth_getBlockReceipts", "0xffff"],
    ["eth_getBlockReceipts", UNKNOWN],
    ["eth_getTransactionByHash", UNKNOWN],
    ["eth_getTransactionByBlockNumberAndIndex", "latest", "0x5"],
    ["eth_getTransactionByBlockHashAndIndex", UNKNOWN, "0x0"],
    ["eth_getTransactionReceipt", UNKNOWN],
  ];
  const raws = [
    ["eth_getRawTransactionByHash", UNKNOWN],
    ["eth_getRawTransactionByBlockNumberAndIndex", "0xffff", "0x0"],
    ["eth_getRawTransactionByBlockHashAndIndex", UNKNOWN, "0x0"],
  ];
  for (const [method = "", ...params] of raws) assertEquals(await client.call(method, ...params), "0x", method);
  for (const [method, ...params] of nulls) assertEquals(await client.call(method, ...params), null, method);
  const reads = ["eth_getBalance", "eth_getTransactionCount", "eth_getCode"];
  for (const method of reads) {
    assertEquals(await client.failure(method, SINK, "0xffff"), { code: -32000, message: "header not found" });
    assertEquals(await client.failure(method, SINK, UNKNOWN), { code: -32000, message: "header for hash not found" });
  }
  assertEquals(await client.failure("eth_call", { to: SINK }, "0xffff"), { code: -32000, message: "header not found" });
});
