const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What to do when the process ends while the server still runs. */
export type LastActions = {
  /** Stops the server and waits for it */
  stop(): Promise<void>
  /** Begins to stop the server without waiting */
  stopNow(): void
}

/**
 * Stops the server when its owner forgets to, however the process ends short of being killed.
 * @returns takes the guard off again
 */
export function guard(actions: LastActions): () => void {
  const onExit = () => actions.stopNow()
  const onSignal = (signal: NodeJS.Signals) => {
    // Whoever else listens decides when to stop; if they only exit, `onExit` sees to the server.
    if (process.listenerCount(signal) > 1) return
    actions
      .stop()
      .catch(() => actions.stopNow())
      // Nobody listens any more: the signal now ends the process as it would have without us.
      .finally(() => process.kill(process.pid, signal))
  }
  process.on('exit', onExit)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return () => {
    process.off('exit', onExit)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}
