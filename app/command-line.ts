/** How an operator calls the command line: messages that name a command name it so that it can be copied. */
export const SLUICE = 'npm run sluice --'
