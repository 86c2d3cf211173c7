// The one place that names this package's version, for the reason that `viem.ts` gives.
export { default } from "npm:ws@8.23.0";
