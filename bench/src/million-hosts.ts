import { ContextState } from "@oddflow/preprocessing";
import { addMadeUpFlows, MADE_UP_CONTEXT } from "./data/made-up-hosts.ts";

/** Fills a state with flows of a million hosts to a million hosts, so that its process says how much memory that takes. */
addMadeUpFlows(new ContextState(MADE_UP_CONTEXT), 2_000_000, 1_000_000);
