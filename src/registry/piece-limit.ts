/** Bytes below which no body is made smaller: nginx, the strictest that is met, takes 1 MiB by default. */
const smallestPiece = 512 * 1024;

/** How large a body a registry takes in one request: learned from its refusals, and by all uploads together. */
export class PieceLimit {
  readonly #first: number;
  #size = Number.POSITIVE_INFINITY;

  /** `first`: bytes of a piece once a whole blob is refused. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Most bytes of a body; infinite until one is refused. */
  get size(): number {
    return this.#size;
  }

  /** After a body of so many bytes was refused. False when smaller ones are not worth it. */
  shrink(refused: number): boolean {
    let size = Math.min(this.#first, this.#size);
    while (size >= refused) size = Math.floor(size / 2);
    if (size < smallestPiece) return false;
    this.#size = size;
    return true;
  }
}
