/**
 * Asks one question at a time, and of those that come up in the meantime only the last: whoever drags something asks faster than
 * answers come.
 */
export function lastAsked<Question>(
  ask: (question: Question) => Promise<void>,
): (question: Question) => void {
  let waiting: { readonly question: Question } | undefined;
  let isAsking = false;
  const askAll = async (): Promise<void> => {
    isAsking = true;
    try {
      while (waiting !== undefined) {
        const { question } = waiting;
        waiting = undefined;
        await ask(question);
      }
    } finally {
      isAsking = false;
    }
  };
  return (question) => {
    waiting = { question };
    if (!isAsking) void askAll();
  };
}
