import { SLUICE } from '../command-line.ts'

/** A command that cannot do what was asked. The message is the one sentence to show, with the remedy. */
export class Failure extends Error {
  override name = 'Failure'
}

/** The shop has not connected the vendor. */
export function notConnected(domain: string, vendor: string): Failure {
  return new Failure(
    `${domain} has not connected ${vendor}; "${SLUICE} vendor connect ${domain} ${vendor} --set …" does.`,
  )
}
