import type { Fork } from "../../../src/evm/forks.ts";

/** The forks that changed execution. */
export const FUZZED_FORKS: readonly Fork[] = [
  ...["chainstart", "homestead", "tangerineWhistle", "spuriousDragon", "byzantium", "constantinople", "petersburg"],
  ...["istanbul", "berlin", "london", "paris", "shanghai", "cancun", "prague", "osaka"],
] as Fork[];
