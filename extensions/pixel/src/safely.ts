/** Wraps `work`, now or later failing, so that nobody notices: it resolves to undefined then. */
export const safely =
  <A extends unknown[]>(work: (...args: A) => unknown) =>
  async (...args: A): Promise<void> => {
    try {
      await work(...args)
    } catch {}
  }
