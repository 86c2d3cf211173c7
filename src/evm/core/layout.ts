/**
 * Where everything lies in the core's linear memory, and what the numbers that cross the border mean. Plain numbers, so that
 * the core (AssemblyScript) and its host (TypeScript) read the same table.
 */

// --- Fixed areas --------------------------------------------------------------------------------------------------

/** From here, the values of the transaction and the block: words of 32 bytes, as the stack holds them. */
export const ENV_ORIGIN = 0x1000;
export const ENV_GAS_PRICE = 0x1020;
export const ENV_COINBASE = 0x1040;
export const ENV_TIMESTAMP = 0x1060;
export const ENV_NUMBER = 0x1080;
/** The difficulty before the merge, PREVRANDAO after it. */
export const ENV_RANDOM = 0x10a0;
export const ENV_GAS_LIMIT = 0x10c0;
export const ENV_CHAIN_ID = 0x10e0;
export const ENV_BASE_FEE = 0x1100;
export const ENV_BLOB_BASE_FEE = 0x1120;

/** The fork's parameters: 32-bit numbers, in the order of `RULE`. */
export const RULES = 0x1200;

/** One 64-bit entry for each opcode: gas, least stack in bytes (16 bits), how much more it may be in bytes (16 bits). */
export const OPS = 0x1800;
/** In the gas of an entry: the fork does not have the opcode. */
export const UNDEFINED_GAS = 0xffffffff;
/** One byte for each opcode: not 0 when a traced run stops before it. */
export const STEP_MASK = 0x2000;

/** From here, what the core tells the host when control returns. u32: the entry of the account or slot that is wanted, the opcode of a log, and so on; see `EXIT`. */
export const OUT_POINTER = 0x2200;
/** u32: of a step, before its instruction. */
export const OUT_PC = 0x2204;
/** u32: the opcode of a step, or that halted the frame. */
export const OUT_OP = 0x2208;
/** u32: why a frame halted (`HALT`); of a step, 0 when its instruction can be paid for. */
export const OUT_HALT = 0x220c;
/** u64: gas before the instruction of a step; gas left at the end of a frame. */
export const OUT_GAS = 0x2210;
/** u64: what the instruction of a step costs. */
export const OUT_COST = 0x2218;
/** u64, twice: the numbers in a halting text. */
export const OUT_DETAIL = 0x2220;
export const OUT_LIMIT = 0x2228;
/** u64: the block number whose hash is wanted. */
export const OUT_NUMBER = 0x2230;
/** u64: gas that is refunded at the end of the transaction. */
export const OUT_REFUND = 0x2238;
/** u32, twice: the output of a frame or of the run. */
export const OUT_DATA = 0x2240;
export const OUT_DATA_BYTES = 0x2244;
/** u32, twice: the input of a precompiled contract. */
export const OUT_INPUT = 0x2248;
export const OUT_INPUT_BYTES = 0x224c;
/** u32: the address in the table of frames of the frame that is meant. */
export const OUT_FRAME = 0x2250;
/** u32: frames that are open; 1 in the outermost. */
export const OUT_DEPTH = 0x2254;
/** u32, twice: the logs of the run. */
export const OUT_LOGS = 0x2258;
export const OUT_LOGS_BYTES = 0x225c;
/** u64: gas that a step's instruction hands to a callee. */
export const OUT_FORWARDED = 0x2260;
/** u32, twice: the output of the last callee, as RETURNDATACOPY sees it. */
export const OUT_RETURNED = 0x2268;
export const OUT_RETURNED_BYTES = 0x226c;
/** 32 bytes: the balance that a SELFDESTRUCT moved. */
export const OUT_BALANCE = 0x2280;
/** 20 bytes, big-endian: the account that is wanted. */
export const OUT_ADDRESS = 0x22c0;
/** 32 bytes, big-endian: the key of the slot that is wanted. */
export const OUT_KEY = 0x22e0;

/** What the host gives: addresses (20 bytes) and words (32 bytes), big-endian. */
export const IN = 0x2400;
export const IN_SECOND = 0x2420;

/** Work space of arithmetic and hashing. */
export const SCRATCH = 0x2800;

/** One record for each open call; see `FRAME`. */
export const FRAMES = 0x8000;
export const FRAME_BYTES = 168;
export const MAX_FRAMES = 1025;

/** The stacks of all frames, 32 KB each at most, one behind the other: a callee's begins where its caller's ends. */
export const STACK = 0x40000;
export const WORD_BYTES = 32;

/** Tables and records that grow; what the frames call memory lies behind it and moves up when it grows. */
export const HEAP = 0x2050000;
export const HEAP_BYTES = 0x80000;

// --- Records ------------------------------------------------------------------------------------------------------

export const FRAME_CODE = 0;
export const FRAME_CODE_BYTES = 4;
/** One bit for each byte of code: a valid jump destination. */
export const FRAME_JUMPS = 8;
/** The next instruction. */
export const FRAME_IP = 12;
export const FRAME_SP = 16;
export const FRAME_STACK = 20;
/** Where its memory begins, from where the memories of all frames begin. */
export const FRAME_MEMORY = 24;
export const FRAME_MEMORY_BYTES = 28;
export const FRAME_GAS = 32;
/** Where its input is, from where the memories of all frames begin. */
export const FRAME_INPUT = 40;
export const FRAME_INPUT_BYTES = 44;
/** How it was called (`KIND`). */
export const FRAME_KIND = 48;
export const FRAME_IS_STATIC = 52;
/** The account whose storage it works on. */
export const FRAME_ACCOUNT = 56;
/** The account whose code was called, before a delegation is followed. */
export const FRAME_CODE_ACCOUNT = 60;
/** Where the caller wants the output, in the caller's memory. */
export const FRAME_RETURN = 64;
export const FRAME_RETURN_BYTES = 68;
/** The journal when it began: what is undone when it fails. */
export const FRAME_JOURNAL = 72;
export const FRAME_LOGS = 76;
export const FRAME_REFUND = 80;
/** Gas when it began. */
export const FRAME_GAS_START = 88;
export const FRAME_VALUE = 96;
export const FRAME_CALLER = 128;
/** The account that made the call. */
export const FRAME_CALLER_ACCOUNT = 160;

export const ACCOUNT_ADDRESS = 0;
export const ACCOUNT_FLAGS = 24;
/** The code's record; 0 when there is none, or it is not known yet. */
export const ACCOUNT_CODE = 28;
export const ACCOUNT_NONCE = 32;
export const ACCOUNT_BALANCE = 40;
export const ACCOUNT_CODE_HASH = 72;
/** The same four at the state that the run began from. */
export const ACCOUNT_BASE_NONCE = 104;
export const ACCOUNT_BASE_BALANCE = 112;
export const ACCOUNT_BASE_CODE_HASH = 144;
export const ACCOUNT_BASE_CODE = 176;
export const ACCOUNT_SLOTS = 180;
export const ACCOUNT_NEXT_CHANGED = 184;
/** The transaction that warmed it (EIP-2929), made it, destroyed it. */
export const ACCOUNT_WARM = 188;
export const ACCOUNT_CREATED = 192;
export const ACCOUNT_DESTROYED = 196;
/** Which precompiled contract answers here (`PRECOMPILE`), 0 for none. */
export const ACCOUNT_PRECOMPILE = 200;
export const ACCOUNT_NEXT = 204;
export const ACCOUNT_BYTES = 208;

/** Its values are known. */
export const ACCOUNT_IS_LOADED = 1;
export const ACCOUNT_EXISTS = 2;
export const ACCOUNT_BASE_EXISTS = 4;
/** The state has slots of it. */
export const ACCOUNT_BASE_STORAGE = 8;
/** Slots that are not known are zero: it was made or destroyed in this run. */
export const ACCOUNT_IS_WIPED = 16;
/** It is in the list of what the run may have changed. */
export const ACCOUNT_IS_CHANGED = 32;
/** Always warm: a precompiled contract of the fork. */
export const ACCOUNT_IS_BUILT_IN = 64;

export const SLOT_KEY = 0;
export const SLOT_VALUE = 32;
/** At the start of the transaction, when SLOT_ORIGINAL_OF is this one. */
export const SLOT_ORIGINAL = 64;
/** At the state that the run began from. */
export const SLOT_BASE = 96;
export const SLOT_ACCOUNT = 128;
/** The next slot of the same account. */
export const SLOT_NEXT = 132;
/** The transaction that warmed it; of a transient slot, that wrote it. */
export const SLOT_WARM = 136;
export const SLOT_ORIGINAL_OF = 140;
export const SLOT_FLAGS = 144;
export const SLOT_NEXT_CHANGED = 148;
export const SLOT_BYTES = 152;

export const SLOT_IS_LOADED = 1;
export const SLOT_IS_CHANGED = 2;
/** Its value in the state was never asked for, because the account was wiped. */
export const SLOT_HAS_NO_BASE = 4;

export const CODE_LENGTH = 0;
/** The jump destinations, 0 until they are wanted. */
export const CODE_JUMPS = 4;
export const CODE_HASH = 8;
export const CODE_NEXT = 40;
export const CODE_START = 48;

/** A log: its size, its account, how many topics, how many bytes; the topics (32 bytes each); the bytes. */
export const LOG_ACCOUNT = 4;
export const LOG_TOPICS = 8;
export const LOG_DATA_BYTES = 12;
export const LOG_HEAD = 16;

// --- Numbers that cross the border --------------------------------------------------------------------------------

/** How a frame was called. */
export const KIND_CALL = 0;
export const KIND_CALLCODE = 1;
export const KIND_DELEGATECALL = 2;
export const KIND_STATICCALL = 3;
export const KIND_CREATE = 4;
export const KIND_CREATE2 = 5;

/** Why the core returns control. */
export const EXIT_DONE = 1;
/** The work that was allowed is done; go on by `run`. */
export const EXIT_BUDGET = 2;
/** The account at OUT_POINTER is wanted. */
export const EXIT_ACCOUNT = 3;
/** The slot at OUT_POINTER is wanted. */
export const EXIT_SLOT = 4;
/** The code of the account at OUT_POINTER is wanted. */
export const EXIT_CODE = 5;
/** The hash of block OUT_NUMBER is wanted. */
export const EXIT_BLOCK_HASH = 6;
/** The precompiled contract OUT_OP is to be run on OUT_INPUT. */
export const EXIT_PRECOMPILE = 7;
/** Traced: the instruction OUT_OP is about to run, or fails. */
export const EXIT_STEP = 8;
/** Traced: the frame OUT_FRAME begins. */
export const EXIT_ENTER = 9;
/** Traced: the frame OUT_FRAME has ended. */
export const EXIT_LEAVE = 10;
/** Traced: a log was made, at OUT_POINTER. */
export const EXIT_LOG = 11;
/** Traced: an account destroyed itself; OUT_POINTER is who gets OUT_BALANCE. */
export const EXIT_DESTRUCT = 12;

export const HALT_NONE = 0;
export const HALT_REVERT = 1;
export const HALT_OUT_OF_GAS = 2;
/** The price of the instruction cannot be counted in 64 bits. */
export const HALT_GAS_OVERFLOW = 3;
/** The memory that the instruction needs cannot be counted in 64 bits. */
export const HALT_SIZE_OVERFLOW = 4;
export const HALT_STACK_UNDERFLOW = 5;
export const HALT_STACK_OVERFLOW = 6;
export const HALT_INVALID_OPCODE = 7;
export const HALT_INVALID_JUMP = 8;
/** An instruction that writes, in a static call; found when it runs. */
export const HALT_WRITE_PROTECTION = 9;
/** The same, found when its gas is counted. */
export const HALT_GAS_WRITE_PROTECTION = 10;
export const HALT_RETURN_DATA = 11;
/** SSTORE with 2,300 gas or less (EIP-2200). */
export const HALT_SENTRY = 12;
/** A part of the price cannot be paid. */
export const HALT_PART_OUT_OF_GAS = 13;
export const HALT_INIT_CODE_SIZE = 14;
export const HALT_CODE_STORE_OUT_OF_GAS = 15;
export const HALT_CODE_SIZE = 16;
export const HALT_INVALID_CODE = 17;
export const HALT_DEPTH = 18;
export const HALT_BALANCE = 19;
export const HALT_COLLISION = 20;
export const HALT_NONCE_OVERFLOW = 21;
/** A precompiled contract refused its input; the host knows why. */
export const HALT_PRECOMPILE = 22;

/** The precompiled contracts that the core runs itself; all other numbers are the host's. */
export const PRECOMPILE_SHA256 = 2;
export const PRECOMPILE_IDENTITY = 4;

/** What a traced run stops for. */
export const TRACE_STEPS = 1;
export const TRACE_FRAMES = 2;
export const TRACE_LOGS = 4;

/** The order of the fork's parameters. */
export const RULE_FLAGS = 0;
export const RULE_COLD_ACCOUNT = 1;
export const RULE_WARM = 2;
export const RULE_COLD_SLOT = 3;
export const RULE_SSTORE_SET = 4;
export const RULE_SSTORE_RESET = 5;
export const RULE_SSTORE_NOOP = 6;
export const RULE_SSTORE_REFUND = 7;
export const RULE_SSTORE_SENTRY = 8;
export const RULE_EXP_BYTE = 9;
export const RULE_SELFDESTRUCT = 10;
export const RULE_SELFDESTRUCT_REFUND = 11;
export const RULE_MAX_CODE_BYTES = 12;
export const RULE_MAX_INIT_CODE_BYTES = 13;
export const RULE_INIT_CODE_WORD = 14;
/** Also the number of the first one after the last. */
export const RULE_COUNT = 15;

/** A creation whose code cannot be paid for fails (EIP-2). */
export const FLAG_HOMESTEAD = 1;
/** At most 63/64 of the gas goes to a callee (EIP-150). */
export const FLAG_EIP150 = 2;
/** Empty accounts that are touched go; contracts begin with nonce 1 (EIP-161). */
export const FLAG_EIP161 = 4;
/** SSTORE is paid for by what it changes (EIP-1283, EIP-2200). */
export const FLAG_NET_SSTORE = 8;
/** Access sets (EIP-2929). */
export const FLAG_EIP2929 = 16;
/** Code may not begin with 0xef (EIP-3541). */
export const FLAG_EIP3541 = 32;
/** SELFDESTRUCT destroys only what the same transaction made (EIP-6780). */
export const FLAG_EIP6780 = 64;
/** Delegations are followed (EIP-7702). */
export const FLAG_EIP7702 = 128;
