/** Of the states of an action. */
export const ACTION_TONES = { running: 'info', stopped: 'attention', done: 'success' } as const
