import process from "node:process";
import { saved } from "./env_saved.ts";

saved.descriptor = Object.getOwnPropertyDescriptor(process, "env");
Object.defineProperty(process, "env", { value: {}, configurable: true, writable: true });
