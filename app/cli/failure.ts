/** A command that cannot do what was asked. The message is the one sentence to show, with the remedy. */
export class Failure extends Error {
  override name = 'Failure'
}
