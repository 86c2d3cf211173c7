import type { Address } from "../../eth/types.ts";
import { FORKS } from "../../evm/forks.ts";
import { DEFAULT_BLOBS, MAINNET_DEPOSIT_CONTRACT } from "./chain_config.ts";
import { type DevAccount, GETH_DEVELOPER } from "./dev_accounts.ts";
import type { Genesis, GenesisAccount } from "./genesis.ts";
import { INITIAL_BASE_FEE } from "./header_rules.ts";
import { PREDEPLOYS } from "./predeploys.ts";
import { SYSTEM_CONTRACTS } from "../../evm/system_contracts.ts";
import { ZERO_ADDRESS, ZERO_HASH } from "../../primitives/hex.ts";

/** The values of `--dev` and the flags that belong to it. */
export interface DevGenesisOptions {
  /** 1337 when absent. */
  readonly chainId?: bigint | undefined;
  /** 11,500,000 when absent. */
  readonly gasLimit?: bigint | undefined;
  /** The mnemonic's accounts; the geth developer account comes on top. */
  readonly accounts: readonly DevAccount[];
  /** Unix seconds of block 0; 0 when absent, as geth has it. */
  readonly timestamp?: bigint | undefined;
}

export const DEV_CHAIN_ID = 1337n;
export const DEV_GAS_LIMIT = 11_500_000n;
const ETHER = 10n ** 18n;
const DEV_ACCOUNT_BALANCE = 10_000n * ETHER;
/**
 * geth's core.DeveloperGenesisBlock gives 2^256 - 9, and the developer also gets every fee: the ninth wei wraps the
 * balance to nothing (uint256.Add). Half of it is as much and has room.
 */
const DEVELOPER_BALANCE = 2n ** 255n;
/** The newest blob schedule that is final: EIP-7892's bpo2. */
const LATEST_FORKS = new Set(["shanghai", "cancun", "prague", "osaka", "bpo1", "bpo2"]);
const PRECOMPILES: readonly number[] = [...Array.from({ length: 0x11 }, (_, index) => index + 1), 0x100];

/** Returns the genesis of `geth --dev`: every final fork from block 0, a funded developer, and the system contracts. */
export function devGenesis(options: DevGenesisOptions): Genesis {
  const alloc = new Map<Address, GenesisAccount>();
  const account = (balance: bigint): GenesisAccount => ({ balance, nonce: 0n, code: "0x", storage: [] });
  // As geth: one wei each, so that no precompile is an empty account.
  for (const number of PRECOMPILES) alloc.set(`0x${number.toString(16).padStart(40, "0")}`, account(1n));
  for (const { address, code } of [...SYSTEM_CONTRACTS, ...PREDEPLOYS]) {
    alloc.set(address, { ...account(0n), nonce: 1n, code });
  }
  for (const each of [...options.accounts, GETH_DEVELOPER]) alloc.set(each.address, account(balanceOfDevAccount(each)));
  return {
    config: {
      chainId: options.chainId ?? DEV_CHAIN_ID,
      blocks: new Map(FORKS.slice(0, FORKS.indexOf("paris")).map((fork) => [fork, 0n])),
      times: new Map(FORKS.filter((fork) => LATEST_FORKS.has(fork)).map((fork) => [fork, 0n])),
      otherForkBlocks: [],
      terminalTotalDifficulty: 0n,
      depositContract: MAINNET_DEPOSIT_CONTRACT,
      blobSchedules: DEFAULT_BLOBS,
    },
    ...{ nonce: 0n, number: 0n, gasUsed: 0n, difficulty: 0n, excessBlobGas: 0n, blobGasUsed: 0n },
    timestamp: options.timestamp ?? 0n,
    extraData: "0x",
    gasLimit: options.gasLimit ?? DEV_GAS_LIMIT,
    mixHash: ZERO_HASH,
    coinbase: ZERO_ADDRESS,
    parentHash: ZERO_HASH,
    baseFeePerGas: INITIAL_BASE_FEE,
    alloc,
  };
}

/** The balance with which an account of a development chain begins, wei. */
export function balanceOfDevAccount({ address }: DevAccount): bigint {
  return address === GETH_DEVELOPER.address ? DEVELOPER_BALANCE : DEV_ACCOUNT_BALANCE;
}
