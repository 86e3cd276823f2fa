import type { Readable } from 'node:stream';

/** Progress is told in steps of this size, so that telling it costs nothing. */
const step = 1024 * 1024;

/** Tells how many bytes the consumer took. Adds no stage: the stream keeps its own flow control. */
export function watchBytes(stream: Readable, tell: (bytes: number) => void): Readable {
  let untold = 0;
  const tellAll = (): void => {
    if (untold > 0) tell(untold);
    untold = 0;
  };
  // Paused on purpose: a listener for data would start the flow before the consumer is there.
  stream.pause();
  stream.on('data', (chunk: Buffer) => {
    untold += chunk.length;
    if (untold >= step) tellAll();
  });
  stream.once('close', tellAll);
  return stream;
}
