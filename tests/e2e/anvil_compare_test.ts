import { assert, assertEquals } from "@std/assert";
import { startAnvil, startSallyport } from "../bench/targets.ts";
import { playScenario } from "./anvil_scenario.ts";
import { alike, type Difference, differences } from "./compare_answers.ts";
import type { Step } from "./recorded_play.ts";
import { toolTest } from "../support/tools.ts";

type Rule = readonly [path: RegExp, reason: string];

/** What this server says where anvil words an error in its own way: geth's codes and texts. */
const ERRORS: readonly (readonly [step: string, code: number, message: RegExp])[] = [
  ["a custom error", 3, /^execution reverted$/],
  ["an estimate that reverts", 3, /^execution reverted$/],
  ["a nonce that is used", -32000, /^nonce too low: next nonce 1, tx nonce 0$/],
  [
    "more than there is",
    -32000,
    /^insufficient funds for gas \* price \+ value: balance \d+, tx cost \d+, overshot \d+$/,
  ],
  ["too little gas", -32000, /^intrinsic gas too low: gas 20000, minimum needed 21000$/],
  ["another chain's id", -32000, /^invalid sender: invalid chain id for signer: have 5 want 1337$/],
  ["what is no transaction", -32000, /^transaction type not supported$/],
  ["a state that does not exist", -32000, /^header not found$/],
  ["eth_thisIsNoMethod", -32601, /^the method eth_thisIsNoMethod does not exist\/is not available$/],
  [
    "evm_setNextBlockTimestamp",
    -32602,
    /^Timestamp error: 5 is lower than or equal to previous block's timestamp \d+$/,
  ],
  ["eth_sendTransaction", -32000, /^unknown account$/],
  [
    "anvil_setBalance",
    -32602,
    /^(invalid argument 1: invalid hex or decimal integer "-1"|missing value for required argument 1)$/,
  ],
];

/** What cannot be equal on two chains; both must still look alike. */
const BY_NATURE: readonly Rule[] = [
  [
    /([bB]lockHash|parentHash|stateRoot|\.hash|newHeads\.hash|eth_getFilterChanges\[\])$/,
    "The two chains start from different accounts: this one has geth's dev account besides.",
  ],
  [/accountProof\[\]$/, "A proof leads to the state root."],
  [/(mixHash|reads: eth_call)$/, "anvil draws PREVRANDAO at random and has no method to set it."],
  [/instanceId$/, "Drawn at random."],
  [
    /impersonation: eth_sendTransaction$|impersonation: .*transactionHash$/,
    "Each has its own stand-in for a signature.",
  ],
];

/** Where this server differs from anvil on purpose. */
const DELIBERATE: readonly Rule[] = [
  // Shapes: geth's.
  [/blobGasPrice$/, "geth gives a price of blobs to transactions with blobs only; anvil to all."],
  [
    /Receipts?(\[\])?\.blockTimestamp$/,
    "anvil adds a JSON number to receipts that neither geth nor the specification has.",
  ],
  [
    /(eth_getTransactionByHash|txpool_content\..*)\.blockTimestamp$/,
    "geth says null of a pending transaction, anvil nothing.",
  ],
  [/totalDifficulty$/, "geth took it out in 2024 (go-ethereum#30386)."],
  [/newHeads\.(size|transactions|uncles|withdrawals)$/, "geth's newHeads is a header; anvil sends the whole block."],
  [
    /newHeads\.(slotNumber|blockAccessListHash)$/,
    "geth 1.17's newHeads has the fields of every fork, null where there is none.",
  ],
  [
    /^[^:]*: (eth_getBlockByNumber\.size)$/,
    "anvil leaves the empty list of withdrawals out of the block that it measures.",
  ],
  [/txpool_(content|inspect)\.(pending|queued) keys$/, "geth's keys are in EIP-55's mixed case."],
  [
    /eth_fillTransaction\.tx\.(blockHash|blockNumber|transactionIndex|from|gasPrice)$/,
    "geth answers types.Transaction as such, anvil as if it were pooled.",
  ],
  [/pending.*\.gasPrice$/, "Of a pending transaction geth says what it would pay at most."],
  [/^filters: /, "Ids of filters are drawn at random; geth's are 128 bits without leading zeros."],
  [/hardFork$/, "The newest fork that each knows, spelled as each spells it."],
  [/anvil_metadata\.client(CommitSha|Semver|Version)$|^web3_clientVersion/, "Each names itself."],
  [/^eth_accounts/, "geth's dev account comes first."],

  // Fees: geth's suggestions.
  [/^eth_(gasPrice|maxPriorityFeePerGas): /, "geth --dev suggests a tip of 1 wei, anvil one of 1 gwei."],
  [/eth_fillTransaction\.(raw|tx\.(maxFeePerGas|maxPriorityFeePerGas|hash))$/, "They follow from the suggested tip."],
  [
    /eth_fillTransaction\.tx\.gas$/,
    "geth's estimate stops within 1.5 % of the least gas that is enough; anvil's is exact.",
  ],

  // Errors: geth's codes and texts; which ones, is listed below.
  [
    new RegExp(`^(${ERRORS.map(([step]) => step).join("|")}): \\w+\\.error\\.(code|message)$`),
    "geth's errors; anvil has its own.",
  ],
  [
    /^more gas than a transaction may have/,
    "EIP-7825 is in force and geth's pool says so; anvil pools what no block can take.",
  ],
  [/^a replacement that pays too little/, "geth asks for 10 % more; anvil for 1 wei."],

  // Control of the chain.
  [/^eth_getHeaderByNumber/, "anvil 1.7 has no such method."],
  [/^anvil_dropTransaction/, "anvil looks among the executable transactions only."],
  [
    /^the block after a snapshot and back: .*baseFeePerGas$/,
    "anvil goes on with the base fee from before the revert (EIP-1559 says: from the parent).",
  ],
  [
    /^(anvil_nodeInfo|after a reorg).*(baseFee(PerGas)?|gasPrice)$/,
    "anvil goes on with the base fee from before the reorganisation.",
  ],
  [
    /^(anvil_nodeInfo|after a reorg).*[tT]imestamp$/,
    "A replaced block's successor keeps its time; anvil gives all of them one time.",
  ],
  [/^after a reorg.*extraData$/, "Names the reorganisation, so that two blocks with equal contents are two blocks."],
  [/^anvil_setMinGasPrice/, "Sets the least tip of the pool; anvil refuses it after London."],
  [/^anvil_setRpcUrl/, "There is no fork, and so no URL: an error, where anvil says nothing and does nothing."],
  [/^anvil_reset: /, "viem's reset() names no fork to reset to: a plain reset; anvil refuses it outside a fork."],
];

/** Everything that differs between two runs of the scenario. */
function compare(ours: readonly Step[], theirs: readonly Step[]): Difference[] {
  assertEquals(ours.map(methodsOf), theirs.map(methodsOf), "the client did the same on both");
  return ours.flatMap(({ name, exchanges }, step) =>
    exchanges.flatMap(({ method, answer }, index) =>
      differences(`${name}: ${method}`, answer, theirs[step]?.exchanges[index]?.answer)
    )
  );
}

function methodsOf({ name, exchanges }: Step): string {
  return `${name}: ${exchanges.map(({ method }) => method).join(" ")}`;
}

/** Tells of the errors that are not geth's. */
function wrongErrors(ours: readonly Step[]): string[] {
  return ERRORS.flatMap(([step, code, message]) =>
    ours.filter(({ name }) => name === step).flatMap(({ exchanges }) => {
      const { error } = exchanges.at(-1)?.answer as { error?: { code: number; message: string } };
      return error?.code === code && message.test(error.message) ? [] : [`${step}: ${Deno.inspect(error)}`];
    })
  );
}

async function playBoth(): Promise<{ ours: readonly Step[]; theirs: readonly Step[] } | null> {
  await using anvil = await startAnvil();
  if (anvil === null) return null;
  await using sallyport = await startSallyport(["--ws.api", "eth,net,web3,txpool,evm,anvil"]);
  return { ours: await playScenario(sallyport.url), theirs: await playScenario(anvil.url) };
}

toolTest("anvil", {
  name: "viem gets anvil's answers, field by field, but for the listed differences",
  async fn() {
    const played = await playBoth();
    assert(played !== null);
    const found = compare(played.ours, played.theirs);
    const unexplained = found.filter(({ path, ours, theirs }) => {
      if (DELIBERATE.some(([rule]) => rule.test(path))) return false;
      return !BY_NATURE.some(([rule]) => rule.test(path)) || !alike(ours, theirs);
    });
    assertEquals(unexplained, []);
    assertEquals(wrongErrors(played.ours), []);
    const idle = [...BY_NATURE, ...DELIBERATE].filter(([rule]) => !found.some(({ path }) => rule.test(path)));
    assertEquals(idle.map(String), [], "every listed difference is one");
  },
});
