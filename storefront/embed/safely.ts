/** Wraps `work`, now or later failing, so that the page never notices: it resolves to undefined then. */
export const safely =
  <A extends unknown[]>(work: (...args: A) => unknown) =>
  async (...args: A): Promise<void> => {
    try {
      await work(...args)
    } catch {}
  }

/** Capturing: nothing on the page can stop an event before it is seen here. */
export const listen = <T extends keyof WindowEventMap>(
  name: T,
  react: (event: WindowEventMap[T]) => unknown,
) => addEventListener(name, safely(react), true)
