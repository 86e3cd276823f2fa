import PQueue from 'p-queue';

/** Lets one through at a time, each at least `milliseconds` after the one before. */
export function createPace(milliseconds: number): () => Promise<void> {
  const queue = new PQueue({ concurrency: 1 });
  let last = 0;
  return () =>
    queue.add(async () => {
      const wait = last + milliseconds - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      last = Date.now();
    });
}
