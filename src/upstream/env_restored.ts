import process from "node:process";
import { saved } from "./env_saved.ts";

if (saved.descriptor !== undefined) Object.defineProperty(process, "env", saved.descriptor);
