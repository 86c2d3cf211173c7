import type { Address, Data, Hash, Quantity } from "../../../eth/types.ts";
import type { DevControl, DevNodeInfo, MineInterval, MineOptions, ReorgTransaction } from "../../../node/dev.ts";
import type { FilledTransaction } from "../../../node/submit.ts";
import { quantity } from "../../../primitives/hex.ts";
import type { ChainCore } from "../../core/core.ts";
import { nextFees } from "../../core/next_fees.ts";
import type { FeeReader } from "../read/fees.ts";
import type { Sealer } from "../../seal/sealer.ts";
import { EmbeddedAccountControl } from "./account_control.ts";
import { EmbeddedBlockControl } from "./block_control.ts";
import { EmbeddedMiningControl } from "./mining_control.ts";
import { ReorgTransactions } from "./reorg_transactions.ts";
import type { EmbeddedSubmitter } from "../submit/submitter.ts";
import { EmbeddedTimeMachine } from "./time_machine.ts";

function newInstanceId(): Hash {
  return `0x${crypto.getRandomValues(new Uint8Array(32)).toHex()}`;
}

/** Everything that a test may do to the chain: the parts of it joined. */
export function createDevControl(
  core: ChainCore,
  parts: { readonly sealer: Sealer; readonly fees: FeeReader; readonly submitter: EmbeddedSubmitter },
): DevControl {
  const { sealer, fees, submitter } = parts;
  let instanceId = newInstanceId();
  const mining = new EmbeddedMiningControl(core, sealer);
  const blocks = new EmbeddedBlockControl(core);
  const accounts = new EmbeddedAccountControl(core, { sealer, submitter });
  const time = new EmbeddedTimeMachine(core, {
    sealer,
    transactions: new ReorgTransactions(core, fees),
    onReset: () => {
      instanceId = newInstanceId();
    },
  });
  return {
    mine: (count: bigint, how?: MineInterval) => mining.mine(count, how),
    mineWith: (options: MineOptions, signal?: AbortSignal) => mining.mineWith(options, signal),
    mineDetailed: (options: MineOptions, signal?: AbortSignal) => mining.mineDetailed(options, signal),
    automine: () => mining.automine(),
    setAutomine: (enabled: boolean) => mining.setAutomine(enabled),
    intervalMining: () => mining.intervalMining(),
    setIntervalMining: (seconds: number) => mining.setIntervalMining(seconds),
    increaseTime: (seconds: bigint) => blocks.increaseTime(seconds),
    setTime: (timestamp: bigint) => blocks.setTime(timestamp),
    setNextBlockTimestamp: (timestamp: bigint) => blocks.setNextBlockTimestamp(timestamp),
    setBlockTimestampInterval: (seconds: bigint) => blocks.setBlockTimestampInterval(seconds),
    removeBlockTimestampInterval: () => blocks.removeBlockTimestampInterval(),
    setCoinbase: (address: Address) => blocks.setCoinbase(address),
    setBlockGasLimit: (gasLimit: bigint) => blocks.setBlockGasLimit(gasLimit),
    setNextBlockBaseFeePerGas: (baseFee: bigint) => blocks.setNextBlockBaseFeePerGas(baseFee),
    setMinGasPrice: (gasPrice: bigint) => blocks.setMinGasPrice(gasPrice),
    setNextBlockPrevRandao: (prevRandao: Hash) => blocks.setNextBlockPrevRandao(prevRandao),
    setChainId: (chainId: bigint) => blocks.setChainId(chainId),
    genesisTime: () => blocks.genesisTime(),
    setBalance: (address: Address, balance: bigint) => accounts.setBalance(address, balance),
    addBalance: (address: Address, amount: bigint) => accounts.addBalance(address, amount),
    setNonce: (address: Address, nonce: bigint) => accounts.setNonce(address, nonce),
    setCode: (address: Address, code: Data) => accounts.setCode(address, code),
    setStorageAt: (address: Address, slot: Hash, value: Hash) => accounts.setStorageAt(address, slot, value),
    impersonate: (address: Address) => accounts.impersonate(address),
    stopImpersonating: (address: Address) => accounts.stopImpersonating(address),
    setAutoImpersonate: (enabled: boolean) => accounts.setAutoImpersonate(enabled),
    impersonated: () => accounts.impersonated(),
    isImpersonated: (address: Address) => accounts.isImpersonated(address),
    sendUnsigned: (filled: FilledTransaction) => accounts.sendUnsigned(filled),
    dropTransaction: (hash: Hash) => accounts.dropTransaction(hash),
    dropAllTransactions: () => accounts.dropAllTransactions(),
    removePoolTransactions: (address: Address) => accounts.removePoolTransactions(address),
    snapshot: () => time.snapshot(),
    revert: (id: Quantity) => time.revert(id),
    reorg: (depth: number, transactions: readonly ReorgTransaction[]) => time.reorg(depth, transactions),
    rollback: (depth: number) => time.rollback(depth),
    reset: () => time.reset(),
    dumpState: (history: boolean) => time.dumpState(history),
    loadState: (state: Data) => time.loadState(state),
    nodeInfo: (): DevNodeInfo => {
      const { head } = core.blocks;
      return {
        currentBlockNumber: quantity(head.number),
        currentBlockHash: head.hash,
        currentBlockTimestamp: quantity(head.header.timestamp),
        hardFork: core.rulesOf(head.header).fork,
        transactionOrder: "fees",
        chainId: quantity(core.forks.config.chainId),
        baseFee: quantity(nextFees(core).baseFee ?? 0n),
        gasLimit: quantity(head.header.gasLimit),
        gasPrice: quantity(fees.gasPrice()),
        instanceId,
        snapshots: time.snapshots().map(({ id, head: at }) => ({ id, number: quantity(at.number), hash: at.hash })),
      };
    },
  } satisfies DevControl;
}
