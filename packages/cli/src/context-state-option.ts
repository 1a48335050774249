/** The option of every command that scores flows as they come. */
export const CONTEXT_STATE_OPTION = {
  requiresArg: true,
  type: "string",
  describe: "File that keeps the flows of the last minutes from run to run, as later ones' context",
} as const;
