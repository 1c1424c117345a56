/**
 * The chains of a round, for the runners that send their steps. A chain whose last step is still being recorded holds up
 * no runner: meanwhile it sends for another chain.
 */
import type { Step } from '../vendors/vendor.ts'

export type ChainQueue = {
  /**
   * A chain that has a step to send, for the caller alone until it hands it back. Those that have begun come first.
   * @returns null once there is none and none will be handed back
   */
  next(): Promise<Step[] | null>
  /** Hands the chain back, to go on after `until` has settled if it has steps left by then. @param until never rejects */
  rest(chain: Step[], until: Promise<void>): void
}

/** @param chains in the order in which they are to begin */
export function createChainQueue(chains: readonly Step[][]): ChainQueue {
  const fresh = chains.values()
  const begun: Step[][] = []
  let resting = 0
  let wake: (() => void)[] = []

  async function back(chain: Step[], until: Promise<void>): Promise<void> {
    await until
    resting--
    if (chain.length > 0) begun.push(chain)
    const waiting = wake
    wake = []
    for (const go of waiting) go()
  }

  return {
    async next() {
      for (;;) {
        const chain = begun.shift() ?? fresh.next().value
        if (chain) return chain
        if (resting === 0) return null
        await new Promise<void>(resolve => wake.push(resolve))
      }
    },
    rest(chain, until) {
      resting++
      back(chain, until)
    },
  }
}
