/** What the core exports. */
export * from "./run_border";
export * from "./state_border";
