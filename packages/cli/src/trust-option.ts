/** The option of every command that opens a model. */
export const TRUST_OPTION = {
  requiresArg: true,
  type: "string",
  describe: "Public keys (PEM file): refuse a model that none of them has signed",
} as const;
