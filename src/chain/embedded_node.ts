import { BlockRecord, RecentBlocks } from "./store/block_record.ts";
import { Blocks } from "./roles/read/blocks.ts";
import { ChainCore } from "./core/core.ts";
import { createDevControl } from "./roles/dev/dev_control.ts";
import { DEFAULT_ACCOUNT_COUNT, DEFAULT_MNEMONIC, GETH_DEVELOPER, mnemonicAccounts } from "./consensus/dev_accounts.ts";
import { devGenesis } from "./consensus/dev_genesis.ts";
import { EmbeddedExecutor } from "./roles/executor.ts";
import { Machine } from "../evm/machine.ts";
import { buildGenesis, readGenesis } from "./consensus/genesis.ts";
import { JournalError } from "./journal/journal_error.ts";
import type { CoreDisk } from "./core/journal_seam.ts";
import { importBlocks } from "./seal/import.ts";
import { headerHash } from "../primitives/header.ts";
import { ForkSchedule } from "./consensus/forks.ts";
import type { ChainStart } from "./start.ts";
import type { ChainOptions, EmbeddedChain } from "./options.ts";
import { EmbeddedBlockBuilder } from "./roles/payload_builder.ts";
import { EmbeddedPoolReader } from "./roles/pool_content.ts";
import { EmbeddedBlockReader } from "./roles/read/block_reader.ts";
import { FeeReader } from "./roles/read/fees.ts";
import { EmbeddedRawReader } from "./roles/read/raw_reader.ts";
import { EmbeddedStateReader } from "./roles/read/state_reader.ts";
import { Sealer } from "./seal/sealer.ts";
import type { Settings } from "./core/settings.ts";
import { EmbeddedSimulator } from "./roles/simulate/simulator.ts";
import { EmbeddedSubmitter } from "./roles/submit/submitter.ts";
import { EmbeddedInspector } from "./roles/inspect/inspector.ts";
import { EmbeddedTracer } from "./roles/trace/chain_tracer.ts";
import { quantity, ZERO_ADDRESS } from "../primitives/hex.ts";

/** geth's miner.DefaultConfig.GasCeil: the block gas limit that every chain moves towards, a dev chain too. */
const GAS_CEILING = 60_000_000n;
/** geth's --miner.gasprice default of a chain that is not a dev chain, wei; --dev sets 1. */
const DEFAULT_TIP = 1_000_000n;
const DEFAULT_GAS_CAP = 50_000_000n;
const DEFAULT_EVM_TIMEOUT_MS = 5_000;

/** Builds the chain: its first block, imported blocks, pool and sealer. Throws GenesisError or ImportError. */
export async function createDevChain(options: ChainOptions = {}): Promise<EmbeddedChain> {
  const recent = new RecentBlocks();
  const start = options.start ?? await ownStart(options);
  const { chainId } = start.config;
  const { maxCodeBytes } = options;
  const machine = new Machine();
  const core = new ChainCore({
    genesis: { record: firstRecord(start, recent), world: start.world },
    forks: new ForkSchedule({ ...start.config, maxCodeBytes }),
    machine,
    settings: firstSettings(options, start),
    recent,
    gcmode: options.gcmode ?? "archive",
    disk: await diskOf(options, start),
    now: options.now ?? Date.now,
  });
  const period = options.period ?? 0;
  const { onError = () => {} } = options;
  const sealer = new Sealer(core, {
    automine: options.automine ?? (options.blocks === undefined && period === 0),
    onError,
  });
  const blocks = new Blocks(core, sealer);
  const fees = new FeeReader(core);
  const limits = {
    gasCap: options.gasCap ?? DEFAULT_GAS_CAP,
    timeoutMs: options.evmTimeoutMs ?? DEFAULT_EVM_TIMEOUT_MS,
  };
  const executor = new EmbeddedExecutor(machine, (at) => blocks.context(at), {
    ...limits,
    suggestedTip: () => fees.suggestedTip(),
  });
  const submitter = new EmbeddedSubmitter(core, {
    ...{ sealer, fees, executor },
    onError,
    allowsUnprotected: options.allowsUnprotected ?? false,
  });
  const { networkId = chainId } = options;
  if (options.blocks !== undefined) await importBlocks(core, options.blocks, options.onImport);
  if (options.onBlocks !== undefined) {
    const { exportBlocks } = await import("./seal/export.ts");
    await exportBlocks(core, options.onBlocks);
  }
  // The first call of a fork waits for another node: it should not have to wait for this as well.
  if (core.base !== null) void machine.warmUp(core.envOf(start.header)).catch(onError);
  sealer.start(period);
  return {
    identity: {
      chainId: () => quantity(core.forks.config.chainId),
      networkId: () => quantity(networkId),
    },
    blocks: new EmbeddedBlockReader(core, { blocks, fees }),
    state: new EmbeddedStateReader(core, blocks),
    executor,
    submit: submitter,
    events: core.events,
    dev: createDevControl(core, { sealer, fees, submitter }),
    pool: new EmbeddedPoolReader(core.pool),
    raw: new EmbeddedRawReader(blocks),
    builder: new EmbeddedBlockBuilder(core, sealer),
    simulator: new EmbeddedSimulator(core, { blocks, limits }),
    tracer: new EmbeddedTracer({ core, blocks, gasCap: limits.gasCap }),
    inspector: new EmbeddedInspector(core, blocks),
    accounts: start.accounts,
    close: () => {
      sealer.close();
      machine.close();
      core.close();
    },
  };
}

/** The start of a chain of its own: block 0. */
async function ownStart({ genesis: file, ...options }: ChainOptions): Promise<ChainStart> {
  const { chainId, gasLimit } = options;
  const mnemonic = file === undefined
    ? await mnemonicAccounts(options.mnemonic ?? DEFAULT_MNEMONIC, options.accounts ?? DEFAULT_ACCOUNT_COUNT)
    : [];
  const genesis = file === undefined ? devGenesis({ chainId, gasLimit, accounts: mnemonic }) : readGenesis(file);
  const { header, world } = buildGenesis(genesis);
  const start = { header, hash: headerHash(header), totalDifficulty: header.difficulty, world, config: genesis.config };
  if (file !== undefined) return { ...start, accounts: [] };
  const settings = { coinbase: GETH_DEVELOPER.address, defaultTip: 1n };
  return { ...start, accounts: [GETH_DEVELOPER, ...mnemonic], settings };
}

/** Takes over the file of a chain on disk; throws JournalError when another chain is in it. */
async function diskOf(
  { database, cacheBytes }: ChainOptions,
  { hash, config, world }: ChainStart,
): Promise<CoreDisk | undefined> {
  if (database === undefined) return undefined;
  if (world.base !== null) throw new JournalError("a chain on top of another one is not kept in a folder");
  // A chain in memory does not load it.
  const { JournalDisk } = await import("./core/journal_disk.ts");
  return new JournalDisk(database, { identity: { genesis: hash, chainId: config.chainId }, cacheBytes });
}

/** The transactions of a block of another chain stay with that chain. */
function firstRecord({ header, hash, totalDifficulty }: ChainStart, recent: RecentBlocks): BlockRecord {
  const withdrawals = header.withdrawalsRoot === undefined ? undefined : [];
  const body = { transactions: [], uncles: [], withdrawals };
  return new BlockRecord({ header, hash, totalDifficulty, body, receipts: [] }, recent);
}

function firstSettings(options: ChainOptions, { config, settings }: ChainStart): Settings {
  return {
    chainId: config.chainId,
    coinbase: ZERO_ADDRESS,
    gasLimit: GAS_CEILING,
    exactGasLimit: false,
    minTip: options.minTip ?? 1n,
    defaultTip: DEFAULT_TIP,
    nextBaseFee: null,
    nextPrevRandao: null,
    nextTimestamp: null,
    timeOffset: 0n,
    timestampInterval: null,
    impersonated: new Set(),
    impersonateAll: false,
    sealing: null,
    reorgs: 0,
    ...settings,
  };
}
