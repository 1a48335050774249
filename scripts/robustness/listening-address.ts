/** Where a service listens, from what it says. @throws Error where it ends without saying so */
export async function addressOf(...outputs: NodeJS.ReadableStream[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    for (const output of outputs) {
      output.on("data", (piece: Buffer) => {
        said += piece.toString();
        const [address] = /http:\/\/[\d.]+:\d+/.exec(said) ?? [];
        if (address !== undefined) resolve(address);
      });
      output.on("end", () => reject(new Error(`serve named no address: ${said}`)));
    }
  });
}
