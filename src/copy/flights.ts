/** Work that is going on, by key, so that whoever needs the same waits for it and does not start it again. */
export class Flights {
  readonly #going = new Map<string, Promise<unknown>>();

  get(key: string): Promise<unknown> | undefined {
    return this.#going.get(key);
  }

  /** Starts the work at once. The caller has seen that nothing goes on under this key. */
  start(key: string, work: () => Promise<unknown>): Promise<unknown> {
    const flight = work().finally(() => this.#going.delete(key));
    this.#going.set(key, flight);
    return flight;
  }

  /** Runs when all work that goes on under this key has ended, well or not. */
  async alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    for (let other = this.#going.get(key); other !== undefined; other = this.#going.get(key)) {
      await other.catch(() => undefined);
    }
    let result: { readonly value: T } | undefined;
    await this.start(key, async () => {
      result = { value: await work() };
    });
    if (result === undefined) throw new Error('work ended without a result');
    return result.value;
  }
}
